/** Compares what was declared, what the state says and what is true on the server, by rules of its own. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Application } from "../../provider/tutum/client";
import { type Declaration, type Resource, resourceHash } from "./engine";
import { ENDPOINT, PROVIDER_TEXT } from "./provider-host";

const OWNER_VARIABLE = "TUTUM_PULUMI_OWNER";

export function isAlive({ state }: Application): boolean {
  return state !== "Terminating" && state !== "Terminated";
}

const MOVING = ["Starting", "Stopping", "Scaling", "Redeploying", "Terminating"];

/** Whether something is being done to an application in this state. */
export function isMoving(state: string): boolean {
  return MOVING.includes(state);
}

/** The mark of a resource in a stack with an identity. */
export function markOf(identity: string, name: string): string {
  return createHash("sha256")
    .update(`${identity} ${resourceHash(name)}`)
    .digest("hex")
    .slice(0, 32);
}

export function markOn(application: Application): string | undefined {
  return application.container_envvars.find(({ key }) => key === OWNER_VARIABLE)?.value;
}

/** What is on the server otherwise than declared. `idOf` tells the id of a link's target. */
export function undeclared(
  { name, args, links }: Declaration,
  application: Application,
  idOf: (name: string) => string,
): string[] {
  const running = args.running !== false;
  const declared: Record<string, unknown> = {
    name,
    image: String(args.image).includes(":") ? args.image : `${args.image}:latest`,
    target: args.targetNumContainers ?? 1,
    size: args.containerSize ?? "XS",
    variables: args.containerEnvvars ?? {},
    autorestart: args.autorestart ?? "OFF",
    domain: args.webPublicDns ?? "",
    links: links.map(link => `${idOf(link)} as ${link}`).sort(),
    state: running ? "Running" : "Stopped",
    running: running ? (args.targetNumContainers ?? 1) : 0,
  };
  return differences(`application ${application.unique_name}`, declared, factsOf(application));
}

/** What the state says otherwise than it is. */
export function untrue({ outputs, name, id }: Resource, application: Application): string[] {
  const facts = factsOf(application);
  const told: Record<string, unknown> = {
    name: outputs.name,
    image: String(outputs.image).includes(":") ? outputs.image : `${outputs.image}:latest`,
    target: outputs.targetNumContainers,
    size: outputs.containerSize,
    variables: outputs.containerEnvvars ?? {},
    autorestart: outputs.autorestart,
    domain: outputs.webPublicDns ?? "",
    links: ((outputs.linkedToApplication ?? []) as { application: string; name: string }[])
      .map(link => `${link.application} as ${link.name}`)
      .sort(),
    state: outputs.state,
    running: outputs.runningNumContainers,
    uniqueName: outputs.uniqueName,
    owner: outputs.owner,
    id,
  };
  const marked = {
    ...facts,
    uniqueName: application.unique_name,
    owner: markOn(application),
    id: application.uuid,
  };
  return differences(`the state of ${name}`, marked, told);
}

/** What every entry of the state must have, whatever happened. */
export function incomplete({ name, outputs, inputs, id }: Resource): string[] {
  const faults: string[] = [];
  if (outputs.__provider !== PROVIDER_TEXT) faults.push(`the outputs of ${name} lack __provider`);
  if (inputs.__provider !== PROVIDER_TEXT) faults.push(`the inputs of ${name} lack __provider`);
  if (outputs.endpoint !== `${ENDPOINT}/api/v1/`) faults.push(`the outputs of ${name} lack the endpoint`);
  for (const key of ["image", "name", "state", "uniqueName", "owner", "userHash", "resourceHash"]) {
    if (typeof outputs[key] !== "string") faults.push(`the outputs of ${name} (${id}) lack ${key}`);
  }
  for (const key of ["image", "name", "resourceHash"]) {
    if (typeof inputs[key] !== "string") faults.push(`the inputs of ${name} (${id}) lack ${key}`);
  }
  const declared = inputs.containerEnvvars as Record<string, string> | undefined;
  for (const key of Object.keys(declared ?? {})) {
    if (!Object.hasOwn((outputs.containerEnvvars ?? {}) as object, key))
      faults.push(`the outputs of ${name} lost the variable ${key}`);
  }
  const { containerEnvvars: _, ...open } = outputs;
  if (JSON.stringify(open).includes("canary-"))
    faults.push(`a secret of ${name} is in an output that is none`);
  return faults;
}

/** What of an application nobody but its owner may change. */
export function fingerprint(application: Application): unknown {
  const { uuid, name, containers, container_envvars, target_num_containers, image_tag } = application;
  const { web_public_dns, autorestart, linked_to_application } = application;
  const kept = { uuid, name, containers, container_envvars, target_num_containers, image_tag };
  return { ...kept, web_public_dns, autorestart, linked_to_application, alive: isAlive(application) };
}

function factsOf(application: Application): Record<string, unknown> {
  const [, image, tag] = /\/image\/(.+)\/tag\/([^/]+)\/$/.exec(application.image_tag) ?? [];
  const links = application.linked_to_application as { to_application: string; name: string }[];
  return {
    name: application.name,
    image: `${image}:${tag}`,
    target: application.target_num_containers,
    size: application.container_size,
    variables: Object.fromEntries(
      application.container_envvars
        .filter(({ key }) => key !== OWNER_VARIABLE)
        .map(({ key, value }) => [key, value]),
    ),
    autorestart: application.autorestart,
    domain: application.web_public_dns || "",
    links: links.map(link => `${link.to_application.split("/")[4]} as ${link.name}`).sort(),
    state: application.state,
    running: application.running_num_containers,
  };
}

function differences(
  where: string,
  wanted: Record<string, unknown>,
  found: Record<string, unknown>,
): string[] {
  return Object.keys(wanted)
    .filter(key => !isDeepStrictEqual(wanted[key], found[key]))
    .map(
      key => `${where}: ${key} is ${JSON.stringify(found[key])} instead of ${JSON.stringify(wanted[key])}`,
    );
}
