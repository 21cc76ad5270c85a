/** What a test without a server is given of applications. */
import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../resource/lifecycle/lifecycle";
import type { CheckResult } from "../../resource/table/check";
import type { Values } from "../../resource/table/field";
import { bodyOf } from "../../resource/table/outputs";
import type { MockedKind } from "../../testing/kind";
import type { TutumApplication } from "../application";
import type { Application, ApplicationCreate } from "../client/types";
import { APPLICATION } from "../kind";
import { check } from "../lifecycle/check";
import { openSession } from "../lifecycle/context";
import { applicationOutputs } from "../lifecycle/outputs";

type OutputName = {
  [K in keyof TutumApplication]: TutumApplication[K] extends pulumi.Output<unknown> ? K : never;
}[keyof TutumApplication];

/** The outputs of an application as plain values, secrets too. */
export type ApplicationOutputs = {
  readonly [K in Exclude<OutputName, "urn" | "uuid" | "resourceUri" | "webUrl">]: pulumi.Unwrap<
    TutumApplication[K]
  >;
};

export const mockedApplication: MockedKind = {
  ...APPLICATION,
  check: checked,
  idOf: uuidFrom,
  outputsOf: (inputs, { id, name }) => applicationOutputs(response(inputs, id, name), inputs),
  existing: (name, { account }) => ({
    image: "tutum/hello-world",
    name: /^[a-z0-9-]+$/i.test(name) ? name : "application",
    account,
  }),
};

function checked(config: StackConfig, given: Values): CheckResult {
  const signal = new AbortController().signal;
  const nobody = { name: "check", signal, report: () => undefined, warn: () => undefined } as const;
  return check(openSession(config)(nobody, given), {}, given);
}

/** What an empty server would say once the application is as declared. */
function response(inputs: Values, uuid: string, uniqueName: string): Application {
  const body = bodyOf(APPLICATION.table, inputs) as unknown as Required<ApplicationCreate>;
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
