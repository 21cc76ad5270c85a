import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { TutumClient } from "../../provider/tutum/client";
import type { Stack } from "../engine/stack";

/** A version of the Pulumi SDK, and the Node to run it with; `make-projects.js` made a project folder for each. */
export interface Sdk {
  name: "lowest" | "newest";
  version: string;
  /** Of the Node that runs program and provider host, as in `v26.10.0`. */
  node: string;
  /** Its node_modules. */
  modules: string;
  /** First on PATH; absent where it is the Node of these tests. */
  bin?: string;
}

export function sdk(name: Sdk["name"]): Sdk {
  const found = readMade()[name];
  const node = found.bin ? execFileSync(join(found.bin, "node"), ["--version"], { encoding: "utf8" }) : "";
  return { ...found, name, node: node.trim() || process.version };
}

/** The stack as someone with this SDK and its Node runs it, in a program of the project folder. */
export function under({ name, bin }: Sdk, stack: Stack, program: string): Stack {
  const { pulumi } = readMade();
  const run = stack.at(join(folder(), name, program));
  // The SDK's ts-node keeps what it compiled, by default in /tmp for ever.
  run.env.TS_NODE_CACHE_DIRECTORY = join(folder(), "compiled");
  if (bin) run.env.PATH = [bin, dirname(pulumi), process.env.PATH].join(delimiter);
  return run;
}

/** The uuids of the applications that are not terminated. */
export async function alive({ server: { url, user, apikey } }: Stack): Promise<string[]> {
  const client = new TutumClient({ endpoint: url, user, apikey, env: {} });
  const found: string[] = [];
  for await (const { uuid, state } of client.applications.list())
    if (state !== "Terminated") found.push(uuid);
  return found;
}

function readMade() {
  type Made = Record<Sdk["name"], { version: string; modules: string; bin?: string }> & { pulumi: string };
  return JSON.parse(readFileSync(join(folder(), "sdks.json"), "utf8")) as Made;
}

function folder(): string {
  const { TUTUM_COMPAT_FOLDER: made } = process.env;
  if (!made)
    throw new Error("Run these tests by `npm run test:compat`: it makes the projects that they need.");
  return made;
}
