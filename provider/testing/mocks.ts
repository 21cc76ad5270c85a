import { createHash } from "node:crypto";
import type { runtime } from "@pulumi/pulumi";
import type { Values } from "../resource/field";
import { bodyOf } from "../resource/outputs";
import { fromHost } from "../resource/unknown";
import type { Application, ApplicationCreate } from "../tutum/client/types";
import { check } from "../tutum/lifecycle/check";
import { openSession } from "../tutum/lifecycle/context";
import { applicationFields } from "../tutum/lifecycle/fields";
import { applicationOutputs } from "../tutum/lifecycle/outputs";

const TYPE = "pulumi-nodejs:dynamic/tutum:Application";

/** Mocks of the package: an application gets the checks, defaults and outputs that the provider would give it. */
export interface TutumMocks extends runtime.Mocks {
  /** The checked arguments of each application, by the resource's name. */
  readonly applications: Readonly<Record<string, Values>>;
}

/**
 * For `pulumi.runtime.setMocks`: applications of the program run at once, under the ids and names that an empty
 * server would give them. Other resources answer with their inputs, and `read` ones with nothing but their id.
 *
 * @param more Called for what is not an application; default: ids by name, inputs as state.
 * @throws in `newResource`, as a failing preview does, when an application's arguments are wrong.
 */
export function tutumMocks(more: Partial<runtime.Mocks> = {}): TutumMocks {
  const applications: Record<string, Values> = {};
  const uniqueName = counted();
  return {
    applications,

    newResource(resource) {
      if (resource.type !== TYPE) {
        return (
          more.newResource?.(resource) ?? { id: resource.id || `${resource.name}-id`, state: resource.inputs }
        );
      }
      const { __provider: _, ...given } = fromHost(plain(resource.inputs)) as Values;
      if (resource.id)
        return { id: resource.id, state: { ...given, uniqueName: resource.name, state: "Running" } };
      const inputs = checked(resource.name, given);
      applications[resource.name] = inputs;
      const application = answer(inputs, resource.name, uniqueName(String(inputs.name)));
      return { id: application.uuid, state: applicationOutputs(application, inputs) };
    },

    call(args) {
      return more.call?.(args) ?? args.inputs;
    },
  };
}

function checked(name: string, given: Values): Values {
  const nobody = { signal: new AbortController().signal, report: () => undefined, warn: () => undefined };
  const context = openSession(() => undefined)(nobody, given);
  const { inputs, failures } = check(context, {}, given);
  if (failures.length === 0) return inputs;
  throw new Error(`TutumApplication ${name}: ${failures.map(({ reason }) => reason).join("; ")}`);
}

/** What an empty server would say once the application is as declared. */
function answer(inputs: Values, resource: string, uniqueName: string): Application {
  const body = bodyOf(applicationFields, inputs) as unknown as Required<ApplicationCreate>;
  const uuid = uuidFrom(resource);
  const runs = inputs.running !== false;
  const [image, tag = "latest"] = body.image.split(/:(?=[^/]*$)/);
  const count = body.target_num_containers;
  return {
    ...body,
    uuid,
    unique_name: uniqueName,
    resource_uri: `/api/v1/application/${uuid}/`,
    image_tag: `/api/v1/image/${image}/tag/${tag}/`,
    image_name: `${image}:${tag}`,
    public_dns: `${uniqueName}-tester.dev.tutum.io`,
    state: runs ? "Running" : "Stopped",
    run_command: body.run_command ?? "",
    entrypoint: body.entrypoint ?? "",
    container_ports: (body.container_ports ?? []).map(port => ({
      ...port,
      application: "",
      outer_port: null,
    })),
    container_envvars: body.container_envvars.map(variable => ({ ...variable, application: "" })),
    current_num_containers: count,
    running_num_containers: runs ? count : 0,
    stopped_num_containers: runs ? 0 : count,
    linked_from_application: [],
    link_variables: {},
    containers: [],
    deployed_datetime: null,
    destroyed_datetime: null,
    started_datetime: null,
    stopped_datetime: null,
  };
}

/** The same in every run, so that snapshots can be kept. */
function uuidFrom(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** `web`, then `web-2`. */
function counted(): (name: string) => string {
  const seen = new Map<string, number>();
  return name => {
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    return n === 1 ? name : `${name}-${n}`;
  };
}

/** Mocks are handed secrets in the engine's wrapping; the provider gets them plain. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const { [SIGNATURE]: kind, value: wrapped } = value as Values;
  if (kind === SECRET) return plain(wrapped);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** How Pulumi marks special values on its wire, and secrets among them. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
