import * as pulumi from "@pulumi/pulumi";
import * as ts from "typescript";
import * as tutum from "../../../provider/index";
import { tutumMocks } from "../../../provider/testing";

/** What a program declares: the checked arguments of each application by its name. */
export async function declaredBy(
  program: () => tutum.ApplicationStack,
  config: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const mocks = tutumMocks();
  await pulumi.runtime.setMocks(mocks, "project", "stack", false);
  const entries = Object.entries(config).map(([key, value]) => [`project:${key}`, value]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(entries),
    entries.map(([key]) => String(key)),
  );
  const made = Object.values(program().applications);
  await Promise.all(made.map(application => new Promise(resolve => application.id.apply(resolve))));
  return mocks.applications;
}

/** The stack that the source text of a program makes. */
export function run(source: string): tutum.ApplicationStack {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  const made: tutum.ApplicationStack[] = [];
  class ApplicationStack extends tutum.ApplicationStack {
    constructor(...args: ConstructorParameters<typeof tutum.ApplicationStack>) {
      super(...args);
      made.push(this);
    }
  }
  const modules: Record<string, unknown> = {
    "@pulumi/pulumi": pulumi,
    "pulumi-tutum": { ...tutum, ApplicationStack },
  };
  new Function("require", "exports", outputText)((name: string) => modules[name], {});
  return made[0] as tutum.ApplicationStack;
}

/** Arguments as JSON, secrets as `{ secret: value }`. */
export async function shown(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) {
    const known = await new Promise(resolve => value.apply(resolve));
    return (await pulumi.isSecret(value)) ? { secret: known } : known;
  }
  if (Array.isArray(value)) return Promise.all(value.map(shown));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(async ([key, item]) => [key, await shown(item)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
