/** Where an engine is: as `docker -H` takes it. */
import { lookup } from "node:dns/promises";
import { existsSync, readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../../host/errors";
import type { EngineAddress } from "./connection";
import { createSshAgent } from "./ssh-agent";

export interface NodeOptions {
  name: string;
  /** `unix:///var/run/docker.sock`, `tcp://10.0.0.2:2376`, `ssh://me@10.0.0.2`. */
  endpoint: string;
  /** Where outer ports are bound and reached; without it on the node's loopback, and for its own containers. */
  address?: string;
  /** It is reached over the network, at this IP address if that is known. */
  remote?: { host?: string };
}

type Environment = Record<string, string | undefined>;

const NODE = /^([a-z0-9][a-z0-9-]{0,30})=([a-z]+:\/\/[^,]+)(?:,address=([0-9.]+))?$/;
const TLS_PORT = "2376";

/** Each text as in `n1=ssh://me@10.0.0.1,address=10.0.0.1`. Without any: one node, where the `docker` command goes. */
export function readNodes(texts: readonly string[], env: Environment): NodeOptions[] {
  if (texts.length === 0) return [{ name: "local", endpoint: env.DOCKER_HOST || defaultSocket() }];
  const nodes = texts.map(readNode);
  const twice = nodes.find(({ name }, index) => nodes.findIndex(other => other.name === name) !== index);
  if (twice) throw new UserError(`there are two nodes ${twice.name}: their names must differ`);
  const without = nodes.find(node => node.address === undefined);
  if (nodes.length > 1 && without) {
    throw new UserError(
      `node ${without.name} needs an address that the others reach: "${without.name}=${without.endpoint},address=10.0.0.1"`,
    );
  }
  return nodes;
}

/** With what can be known of where those are that are reached over the network. */
export function located(nodes: readonly NodeOptions[]): Promise<NodeOptions[]> {
  return Promise.all(
    nodes.map(async node => {
      const remote = await remoteOf(node.endpoint);
      return remote ? { ...node, remote } : node;
    }),
  );
}

async function remoteOf(endpoint: string): Promise<NodeOptions["remote"]> {
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === "unix:") return undefined;
  // What ssh makes of a name is in its own settings.
  if (protocol === "ssh:") return isIPv4(hostname) ? { host: hostname } : {};
  const found = await lookup(hostname.replace(/^\[|\]$/g, ""), 4).catch(() => undefined);
  if (found?.address.startsWith("127.") || hostname === "[::1]") return undefined;
  return found ? { host: found.address } : {};
}

function readNode(text: string): NodeOptions {
  const [, name, endpoint, address] = NODE.exec(text) ?? [];
  if (!name || !endpoint) {
    throw new UserError(`"${text}" is not a node: "n1=ssh://me@10.0.0.1,address=10.0.0.1" is expected`);
  }
  return { name, endpoint, ...(address === undefined ? {} : { address }) };
}

export function engineAddress(endpoint: string, env: Environment): EngineAddress {
  if (endpoint.startsWith("unix://")) {
    return { protocol: "http", socketPath: endpoint.slice("unix://".length) };
  }
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    throw notAnEndpoint(endpoint);
  }
  if (url.protocol === "ssh:") {
    return { protocol: "http", host: "ssh", agent: createSshAgent(url) };
  }
  if (url.protocol !== "tcp:" && url.protocol !== "http:" && url.protocol !== "https:")
    throw notAnEndpoint(endpoint);
  const tls = url.protocol === "https:" || Boolean(env.DOCKER_TLS_VERIFY) || url.port === TLS_PORT;
  return {
    protocol: tls ? "https" : "http",
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || (tls ? TLS_PORT : "2375"),
    ...(tls ? certificates(env) : {}),
  };
}

function certificates(env: Environment) {
  const folder = env.DOCKER_CERT_PATH ?? join(homedir(), ".docker");
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch (error) {
      throw new UserError(
        `TLS to the engine needs ${join(folder, name)} (DOCKER_CERT_PATH names the folder): ${(error as Error).message}`,
      );
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

function defaultSocket(): string {
  const own = join(homedir(), ".docker/run/docker.sock");
  return `unix://${existsSync(own) ? own : "/var/run/docker.sock"}`;
}

function notAnEndpoint(endpoint: string): UserError {
  return new UserError(`"${endpoint}" is not an engine's address: unix://, tcp:// or ssh:// is expected`);
}
