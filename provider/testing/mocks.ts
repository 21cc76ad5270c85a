import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../resource/table/field";
import { bodyOf } from "../resource/table/outputs";
import type { TutumApplication } from "../tutum/application";
import type { Application, ApplicationCreate } from "../tutum/client/types";
import { check } from "../tutum/lifecycle/check";
import { openSession } from "../tutum/lifecycle/context";
import { applicationFields } from "../tutum/lifecycle/fields";
import { applicationOutputs } from "../tutum/lifecycle/outputs";
import { isSecretOnWire, plain } from "./wire";

const TYPE = "pulumi-nodejs:dynamic/tutum:Application";

type OutputName = {
  [K in keyof TutumApplication]: TutumApplication[K] extends pulumi.Output<unknown> ? K : never;
}[keyof TutumApplication];

/** The outputs of an application as plain values, secrets too. */
export type ApplicationOutputs = {
  readonly [K in Exclude<OutputName, "urn" | "uuid" | "resourceUri" | "webUrl">]: pulumi.Unwrap<
    TutumApplication[K]
  >;
};

/** Mocks of the package: an application gets the checks, defaults and outputs that the provider would give it. */
export interface TutumMocks extends pulumi.runtime.Mocks {
  /**
   * The applications declared so far, by the resource's name (a second of that name under a parent of another type: `web-2`).
   * In a preview a value that is not known before `up` is `UNKNOWN`, and outputs that are no arguments are absent.
   */
  readonly applications: Readonly<Record<string, ApplicationOutputs>>;
}

/**
 * For `pulumi.runtime.setMocks`: applications of the program run at once, under the ids and names that an empty
 * server would give them; in a preview they are about to be created. Ids are the same in every run. Other resources
 * answer with their inputs. `runProgram` does with them what most tests need.
 *
 * @param more Called first for what the program does not create: other resources, and applications that it reads.
 * @throws in `newResource`, as a failing preview does, when an application's arguments are wrong.
 */
export function tutumMocks(more: Partial<pulumi.runtime.Mocks> = {}): TutumMocks {
  const applications: Record<string, ApplicationOutputs> = {};
  const [resourceName, uniqueName] = [counted(), counted()];
  const refuseSecond = once();
  return {
    applications,

    newResource(resource) {
      const { type, name, id, inputs } = resource;
      if (type !== TYPE) {
        return more.newResource?.(resource) ?? { id: id || `${name}-id`, state: inputs };
      }
      if (id) {
        return more.newResource?.(resource) ?? { id, state: existing(name, id, plain(inputs) as Values) };
      }
      const { __provider: _, ...given } = plain(inputs) as Values;
      const checked = checkedInputs(name, given);
      refuseSecond(name, given.resourceHash);
      const key = resourceName(name);
      // The engine knows no more of what it is about to create than its arguments.
      const preview = pulumi.runtime.isDryRun();
      const uuid = uuidFrom(key);
      const outputs = preview ? checked : outputsFor(checked, uuid, uniqueName(String(checked.name)));
      applications[key] = { ...(!preview && { id: uuid }), ...outputs } as ApplicationOutputs;
      return { id: preview ? "" : uuid, state: secretAsGiven(outputs, inputs) };
    },

    call(args) {
      return more.call?.(args) ?? args.inputs;
    },
  };
}

function checkedInputs(name: string, given: Values): Values {
  const signal = new AbortController().signal;
  const nobody = { name: "check", signal, report: () => undefined, warn: () => undefined } as const;
  const context = openSession(pulumi.runtime.getConfig)(nobody, given);
  const { inputs, failures } = check(context, {}, given);
  if (failures.length === 0) return inputs;
  throw new Error(`TutumApplication ${name}: ${failures.map(({ reason }) => reason).join("; ")}`);
}

/** One that the program reads: it is there, and has nothing but defaults. */
function existing(name: string, uuid: string, { account }: Values): Values {
  const uniqueName = /^[a-z0-9-]+$/i.test(name) ? name : "application";
  return outputsFor(
    checkedInputs(name, { image: "tutum/hello-world", name: uniqueName, account }),
    uuid,
    uniqueName,
  );
}

function outputsFor(inputs: Values, uuid: string, uniqueName: string): Values {
  return applicationOutputs(answer(inputs, uuid, uniqueName), inputs);
}

/** What an empty server would say once the application is as declared. */
function answer(inputs: Values, uuid: string, uniqueName: string): Application {
  const body = bodyOf(applicationFields, inputs) as unknown as Required<ApplicationCreate>;
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

/** The engine's rule: an output is secret when the input of its name is. */
function secretAsGiven(outputs: Values, inputs: Values): Values {
  const entries = Object.entries(outputs).map(([name, value]) => [
    name,
    isSecretOnWire(inputs[name]) ? pulumi.secret(value) : value,
  ]);
  return Object.fromEntries(entries);
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

/** As the engine: a resource is known by its name and the types of its parents. */
function once(): (name: string, resource: unknown) => void {
  const seen = new Set<unknown>();
  return (name, resource) => {
    if (resource !== undefined && seen.has(resource))
      throw new Error(
        `TutumApplication ${name}: there is another of that name under a parent of the same type, which \`pulumi up\` refuses (duplicate URN): give one of them another name.`,
      );
    seen.add(resource);
  };
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
