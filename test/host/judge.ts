/** Compares what was declared and what is on the server, by rules of its own. */
import { isDeepStrictEqual } from "node:util";
import { type Application, TutumClient } from "../../provider/tutum/client";
import type { RunningServer } from "../../server/index";
import type { Program } from "./scenario";

const OWNER_VARIABLE = "TUTUM_PULUMI_OWNER";

/** All applications, in full, with those that are only remembered. */
export async function applicationsOn({ url, user, apikey }: RunningServer): Promise<Application[]> {
  const { applications } = new TutumClient({ endpoint: url, user, apikey, env: {} });
  const found: Application[] = [];
  for await (const { uuid } of applications.list()) found.push(await applications.get(uuid));
  return found;
}

export function isAlive({ state }: Application): boolean {
  return state !== "Terminated";
}

/** Whether it carries a mark of ours. */
export function isMarked(application: Application): boolean {
  return application.container_envvars.some(({ key }) => key === OWNER_VARIABLE);
}

/** What is otherwise than declared: each application once, as declared, with the id that the state has. */
export function differences(
  program: Program,
  ids: Readonly<Record<string, string>>,
  found: readonly Application[],
): string[] {
  const names = (all: readonly { name: string }[]) => all.map(({ name }) => name).sort();
  if (!isDeepStrictEqual(names(found), names(program)))
    return [`on the server are ${names(found)}, declared are ${names(program)}`];
  const inState = Object.keys(ids).sort();
  if (!isDeepStrictEqual(inState, names(program)))
    return [`in the state are ${inState}, declared are ${names(program)}`];
  return program.flatMap(({ name, args, links }) => {
    const application = found.find(one => one.name === name) as Application;
    const running = args.running !== false;
    const containers = args.targetNumContainers ?? 1;
    const declared: Record<string, unknown> = {
      id: ids[name],
      image: `${args.image}:latest`,
      containers,
      variables: args.containerEnvvars ?? {},
      autorestart: args.autorestart ?? "OFF",
      domain: args.webPublicDns ?? "",
      links: links.map(link => `${ids[link]} as ${link}`).sort(),
      state: running ? "Running" : "Stopped",
      running: running ? containers : 0,
    };
    const facts = factsOf(application);
    return Object.keys(declared)
      .filter(key => !isDeepStrictEqual(declared[key], facts[key]))
      .map(key => `${key} of ${name} is ${JSON.stringify(facts[key])}, not ${JSON.stringify(declared[key])}`);
  });
}

function factsOf(application: Application): Record<string, unknown> {
  const links = application.linked_to_application as { to_application: string; name: string }[];
  return {
    id: application.uuid,
    image: application.image_name,
    containers: application.target_num_containers,
    variables: Object.fromEntries(
      application.container_envvars
        .filter(({ key }) => key !== OWNER_VARIABLE)
        .map(({ key, value }) => [key, value]),
    ),
    autorestart: application.autorestart,
    domain: application.web_public_dns || "",
    links: links.map(({ to_application, name }) => `${to_application.split("/")[4]} as ${name}`).sort(),
    state: application.state,
    running: application.running_num_containers,
  };
}
