/** Link variables: how an application tells those linked to it where its containers are. */
import { applicationUri, containerDns, environmentPrefix, type Naming } from "./names";
import type { ApplicationRecord, ContainerRecord, Envvar, OuterPort } from "./records";
import type { World } from "./world";

type Variables = Record<string, string>;

/** What a role grants: the value of `TUTUM_AUTH`. */
export interface RoleCredentials {
  authorization: string;
}

/** Of one container, under its own name: `MY_WEB_APP_1_PORT_80_TCP`... */
export function containerVariables(
  container: ContainerRecord,
  naming: Naming,
  prefix = environmentPrefix(container.uniqueName),
): Variables {
  const variables: Variables = {};
  const host = containerDns(container, naming);
  const ports = [...container.ports].sort(byImportance);
  if (ports[0]) variables[`${prefix}_PORT`] = url(host, ports[0]);
  for (const port of ports) {
    const name = `${prefix}_PORT_${port.inner_port}_${port.protocol.toUpperCase()}`;
    variables[name] = url(host, port);
    variables[`${name}_ADDR`] = host;
    variables[`${name}_PORT`] = String(port.outer_port);
    variables[`${name}_PROTO`] = port.protocol;
  }
  return variables;
}

/** Of an application: its running containers' variables and its own API URL. */
export function applicationVariables(
  world: World,
  application: ApplicationRecord,
  naming: Naming,
): Variables {
  const prefix = environmentPrefix(application.uniqueName);
  return {
    ...Object.assign(
      {},
      ...running(world, application).map(container => containerVariables(container, naming)),
    ),
    [`${prefix}_TUTUM_API_URL`]: apiUrl(application, naming),
  };
}

/**
 * What a link with an alias brings: the same under the alias, and without a number the variables of the first
 * running container, which is how Docker links name them (`DB_PORT_3306_TCP_ADDR`). From May 2014 on, as with
 * Docker, the target's own variables come along (`DB_ENV_MYSQL_PASS`); the documents' plain links show none.
 */
export function aliasedVariables(
  world: World,
  application: ApplicationRecord,
  alias: string,
  naming: Naming,
): Variables {
  const prefix = environmentPrefix(alias);
  const containers = running(world, application);
  const of = (container: ContainerRecord, name: string) => ({
    ...containerVariables(container, naming, name),
    ...environmentVariables(application, name),
  });
  const numbered = containers.map(container => of(container, `${prefix}_${container.number}`));
  const first = containers[0] ? of(containers[0], prefix) : {};
  return {
    ...first,
    ...Object.assign({}, ...numbered),
    [`${prefix}_TUTUM_API_URL`]: apiUrl(application, naming),
  };
}

function environmentVariables({ envvars }: ApplicationRecord, prefix: string): Variables {
  return Object.fromEntries(envvars.map(({ key, value }) => [`${prefix}_ENV_${key}`, value]));
}

/**
 * What a container has in its environment besides the user's own variables, as of now: those of its siblings before
 * it that run, those of the applications linked to, and what its roles grant. The user's values win.
 */
export function launchVariables(
  world: World,
  application: ApplicationRecord,
  container: ContainerRecord,
  naming: Naming,
  credentials: RoleCredentials,
): Envvar[] {
  const own = new Set(application.envvars.map(({ key }) => key));
  const variables = new Map<string, string>();
  const generated: Variables[] = siblingsBefore(world, application, container).map(sibling =>
    containerVariables(sibling, naming),
  );
  for (const { to, alias } of application.links) {
    const target = world.applications.get(to);
    if (!target) continue;
    generated.push(
      alias ? aliasedVariables(world, target, alias, naming) : applicationVariables(world, target, naming),
    );
  }
  if (application.roles.includes("global")) generated.push({ TUTUM_AUTH: credentials.authorization });
  for (const set of generated) {
    for (const [key, value] of Object.entries(set))
      if (!own.has(key) && !variables.has(key)) variables.set(key, value);
  }
  return [...variables].map(([key, value]) => ({ key, value }));
}

/** Everything in a container's environment: the user's variables, and what it was launched with besides. */
export function environmentOf(application: ApplicationRecord, container: ContainerRecord): readonly Envvar[] {
  // Before the launch only the user's are known.
  if (container.envvars === null) return application.envvars;
  const own = new Set(application.envvars.map(({ key }) => key));
  // Records of earlier versions hold the user's too.
  return [...application.envvars, ...container.envvars.filter(({ key }) => !own.has(key))];
}

/** The containers whose addresses are in its variables, and its own. */
export function reachable(
  world: World,
  application: ApplicationRecord,
  container: ContainerRecord,
): ContainerRecord[] {
  const linked = application.links.flatMap(({ to }) => {
    const target = world.applications.get(to);
    return target ? running(world, target) : [];
  });
  return [container, ...siblingsBefore(world, application, container), ...linked];
}

/**
 * Host names of the containers it is linked to: `db-1`, `db-2`, and `db` for the first; with an alias the alias in
 * place of `db`. Of two with one name the first counts.
 */
export function linkNames(
  world: World,
  application: ApplicationRecord,
): { name: string; container: string }[] {
  const names = new Map<string, string>();
  const add = (name: string, container: ContainerRecord) => {
    if (!names.has(name)) names.set(name, container.uuid);
  };
  for (const { to, alias } of application.links) {
    const target = world.applications.get(to);
    for (const container of target ? running(world, target) : []) {
      const name = alias ?? container.uniqueName.slice(0, -`-${container.number}`.length);
      add(name.toLowerCase(), container);
      add(`${name}-${container.number}`.toLowerCase(), container);
    }
  }
  return [...names].map(([name, container]) => ({ name, container }));
}

function siblingsBefore(
  world: World,
  application: ApplicationRecord,
  { number }: ContainerRecord,
): ContainerRecord[] {
  return running(world, application).filter(sibling => sibling.number < number);
}

function running(world: World, application: ApplicationRecord): ContainerRecord[] {
  return world.containersOf(application.uuid).filter(container => container.state === "Running");
}

/** TCP before UDP, then the lowest number: the first one is what `..._PORT` alone names. */
function byImportance(a: OuterPort, b: OuterPort): number {
  return a.protocol === b.protocol ? a.inner_port - b.inner_port : a.protocol === "tcp" ? -1 : 1;
}

function url(host: string, port: OuterPort): string {
  return `${port.protocol}://${host}:${port.outer_port}`;
}

function apiUrl(application: ApplicationRecord, naming: Naming): string {
  return `${naming.apiUrl}${applicationUri(application.uuid)}`;
}
