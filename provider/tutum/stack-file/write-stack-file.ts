/** Writes declarations of live applications as a stack file that reads back to the same. */

import { stringify } from "yaml";
import { defined } from "../../resource/defined";
import type { Declarations } from "./read-services";
import { Text } from "./text";

export interface WrittenStackFile {
  text: string;
  /** Variables of the file, to set where it is read. */
  variables: string[];
}

/** Tutum's format; arguments without a key there go to `x-tutum`. Secrets become `${APPLICATION_NAME}`. */
export function stackFileOf(applications: Declarations, account?: string): WrittenStackFile {
  const variables: string[] = [];
  // A link without alias takes the service's name for it, not the application's.
  const prefixOf = (service: string) => String(applications[service]?.name ?? service);
  const services = Object.entries(applications).map(([name, args]) => [
    name,
    serviceOf(name, { ...args, ...(account !== undefined && { account }) }, variables, prefixOf),
  ]);
  // No `yes` and no 22:22 without quotes, for readers of older YAML.
  const text = stringify(Object.fromEntries(services), { compat: "yaml-1.1", lineWidth: 0 });
  return { text, variables };
}

interface LiveArgs {
  targetNumContainers?: number;
  containerEnvvars?: Record<string, string | Text>;
  containerPorts?: { innerPort: number; protocol: string }[];
  links?: (string | { application: string; name: string })[];
  linkedToApplication?: { application: string; name?: string }[];
  [field: string]: unknown;
}

function serviceOf(
  service: string,
  args: LiveArgs,
  variables: string[],
  prefixOf: (service: string) => string,
): object {
  const beyond = {
    name: args.name,
    size: args.containerSize,
    autoreplace: policy(args.autoreplace),
    webPublicDns: literal(args.webPublicDns),
    running: args.running,
    account: args.account,
  };
  const links = [
    ...(args.links ?? []).map(link => {
      const { application, name } =
        typeof link === "string" ? { application: link, name: prefixOf(link) } : link;
      return name === application ? application : `${application}:${name}`;
    }),
    ...(args.linkedToApplication ?? []).map(({ application, name }) =>
      name === undefined ? application : `${application}:${name}`,
    ),
  ];
  const environment = Object.entries(args.containerEnvvars ?? {}).map(([name, value]) => {
    if (!(value instanceof Text)) return [name, literal(value)];
    const variable = unused(
      `${service}_${name}`
        .toUpperCase()
        .replace(/[^A-Z0-9_]/g, "_")
        .replace(/^(?=\d)/, "_"),
      variables,
    );
    variables.push(variable);
    return [name, `\${${variable}}`];
  });
  const ports = args.containerPorts?.map(({ innerPort, protocol }) =>
    protocol === "tcp" ? String(innerPort) : `${innerPort}/${protocol}`,
  );
  return defined({
    image: args.image,
    target_num_containers: args.targetNumContainers,
    command: literal(args.runCommand),
    entrypoint: literal(args.entrypoint),
    ports,
    environment: environment.length > 0 ? Object.fromEntries(environment) : undefined,
    links: links.length > 0 ? links : undefined,
    autorestart: policy(args.autorestart),
    autodestroy: policy(args.autodestroy),
    roles: args.roles,
    "x-tutum": Object.values(beyond).some(value => value !== undefined) ? defined(beyond) : undefined,
  });
}

/** `PASS` of `web-db` and `DB_PASS` of `web` are two values: `WEB_DB_PASS` and `WEB_DB_PASS_2`. */
function unused(variable: string, used: readonly string[]): string {
  let name = variable;
  for (let n = 2; used.includes(name); n++) name = `${variable}_${n}`;
  return name;
}

/** Text in which no `$` starts a variable. */
function literal(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("$", "$$$$") : value;
}

function policy(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : undefined;
}
