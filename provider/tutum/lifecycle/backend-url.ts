/** Where Pulumi keeps the state that this process works on: in the order in which the CLI looks for it. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { homeOf } from "../../settings/home";

type Environment = Readonly<Record<string, string | undefined>>;

/** The backend's address as far as it can be told; of two that cannot be told apart the answer is the same. */
export function backendUrl(env: Environment, cwd: string): string {
  const url = env.PULUMI_BACKEND_URL || ofProject(cwd) || loggedIn(env) || "unknown";
  // The same words in two projects are two places.
  const [, path] = /^file:\/\/(\.[^?]*)/.exec(url) ?? [];
  return path === undefined ? url : `file://${resolve(cwd, path)}`;
}

function ofProject(folder: string): string | undefined {
  for (const name of ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"]) {
    const project = read(join(folder, name));
    if (project) return (project as { backend?: { url?: string } | null }).backend?.url;
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : ofProject(parent);
}

function loggedIn(env: Environment): string | undefined {
  const home = homeOf(env);
  const folder = env.PULUMI_CREDENTIALS_PATH || env.PULUMI_HOME || (home && join(home, ".pulumi"));
  const credentials = folder && read(join(folder, "credentials.json"));
  return (credentials as { current?: string } | undefined)?.current;
}

/** YAML, of which JSON is a part. */
function read(file: string): object | undefined {
  try {
    const value: unknown = parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
