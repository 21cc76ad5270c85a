import * as pulumi from "@pulumi/pulumi";
import { TutumApplication, type TutumApplicationArgs } from "pulumi-tutum";

/** What a recording declares; `$secret:text` anywhere in `args` is a secret of that text. */
interface Declarations {
  applications?: {
    name: string;
    args: Record<string, unknown>;
    links?: string[];
    component?: boolean;
    options?: pulumi.CustomResourceOptions;
  }[];
  /** Other packages' resources: text by name. */
  others?: Record<string, string>;
  stackReference?: boolean;
  warning?: string;
  throws?: string;
}

/** A resource of another dynamic provider: its text is its only property. */
class Note extends pulumi.dynamic.Resource {
  constructor(name: string, text: pulumi.Input<string>) {
    const provider: pulumi.dynamic.ResourceProvider = {
      create: async inputs => ({ id: "note", outs: inputs }),
      update: async (_id, _olds, news) => ({ outs: news }),
    };
    super(provider, name, { text }, undefined, "other", "Note");
  }
}

class Team extends pulumi.ComponentResource {
  constructor(name: string) {
    super("shop:index:Team", name);
  }
}

const declared = JSON.parse(process.env.DECLARATIONS ?? "{}") as Declarations;
const applications: Record<string, TutumApplication> = {};
let team: Team | undefined;
for (const { name, args, links, component, options } of declared.applications ?? []) {
  if (component) team ??= new Team("team");
  const given = withSecrets(args) as unknown as TutumApplicationArgs;
  const linkedToApplication = links?.map(target => applications[target] as TutumApplication);
  applications[name] = new TutumApplication(
    name,
    { ...given, ...(linkedToApplication && { linkedToApplication }) },
    { ...options, ...(component && { parent: team }) },
  );
}
for (const [name, text] of Object.entries(declared.others ?? {}))
  new Note(name, withSecrets(text) as pulumi.Input<string>);
if (declared.stackReference) new pulumi.StackReference("organization/shop/database");
if (declared.throws) throw new Error(declared.throws);
if (declared.warning) void pulumi.log.warn(declared.warning);

function withSecrets(value: unknown): unknown {
  if (typeof value === "string")
    return value.startsWith("$secret:") ? pulumi.secret(value.slice("$secret:".length)) : value;
  if (Array.isArray(value)) return value.map(withSecrets);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSecrets(item)]));
}
