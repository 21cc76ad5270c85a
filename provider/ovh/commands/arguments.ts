import type { ParseArgsConfig } from "node:util";
import { UsageError } from "../../commands/command";
import { type AccessRule, type OvhMethod, rules } from "../client";
import { inStack, inUserFile, type Keeping } from "./keeping";

export const USAGE = "pulumi-tutum ovh --help";

/** Of every sub-command. */
export const OPTIONS = {
  endpoint: { type: "string" },
  config: { type: "boolean", default: false },
  stack: { type: "string" },
} as const satisfies ParseArgsConfig["options"];

export function keepingOf(
  { config, stack }: { config: boolean; stack?: string },
  env: NodeJS.ProcessEnv,
): Keeping {
  if (stack !== undefined && !config)
    throw new UsageError("--stack names the stack of --config: give both, or none.", USAGE);
  return config ? inStack(env, stack) : inUserFile(env);
}

const ACCESS: Record<string, (path: string) => AccessRule[]> = {
  ro: rules.readOnly,
  safe: rules.readWriteSafe,
  rw: rules.readWrite,
};
const METHODS: readonly string[] = ["GET", "POST", "PUT", "DELETE"] satisfies OvhMethod[];

/** `rw:/domain/zone/example.org` is the path and all below it, `GET,PUT:/me` these methods on this path alone. */
export function rulesOf(text: string): AccessRule[] {
  const [, access = "", path = ""] = /^([^:]*):(\/.*)$/.exec(text) ?? [];
  if (Object.hasOwn(ACCESS, access)) return ACCESS[access]?.(path) ?? [];
  const methods = access.split(",");
  if (path !== "" && methods.every(isMethod)) return rules.exactly(methods, path);
  throw new UsageError(
    `--allow must be like rw:/domain/zone/example.org or GET,PUT:/me, not ${JSON.stringify(text)}. ` +
      "Before the colon: ro, safe, rw, or methods.",
    USAGE,
  );
}

function isMethod(text: string): text is OvhMethod {
  return METHODS.includes(text);
}

/** Many rules in few lines: methods, and the path. */
export function rulesShown(allowed: readonly AccessRule[]): string {
  const methods = new Map<string, OvhMethod[]>();
  for (const { method, path } of allowed) methods.set(path, [...(methods.get(path) ?? []), method]);
  return [...methods].map(([path, of]) => `  ${of.join(" ")}  ${path}\n`).join("");
}
