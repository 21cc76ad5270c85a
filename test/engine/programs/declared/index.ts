import * as pulumi from "@pulumi/pulumi";
import { TutumApplication, type TutumApplicationArgs } from "pulumi-tutum";

/** An application: resources in its options are named, as in `links`. */
interface Declaration {
  name: string;
  args: TutumApplicationArgs;
  links?: string[];
  options?: Omit<pulumi.CustomResourceOptions, "parent" | "dependsOn" | "deletedWith" | "transforms"> & {
    /** Name of a component, which is made for it. */
    parent?: string;
    dependsOn?: string[];
    deletedWith?: string;
    /** What a transform puts over the args. */
    transform?: object;
  };
}

/** `[{ name, args, links: [names], options }]`, in order. */
const declarations = JSON.parse(process.env.DECLARATIONS ?? "[]") as Declaration[];
const applications: Record<string, TutumApplication> = {};
const components: Record<string, pulumi.ComponentResource> = {};

/** Both kinds of transforms have this form. */
const over = (changes: object) => (resource: Pick<pulumi.ResourceTransformArgs, "type" | "props" | "opts">) =>
  resource.type.endsWith("tutum:Application")
    ? { props: { ...resource.props, ...changes }, opts: resource.opts }
    : undefined;
// What a transform of the whole stack puts over the args of every application. The kind that runs in the program:
// the language host of the tests is older than the other one.
if (process.env.TRANSFORM) {
  pulumi.runtime.registerStackTransformation(over(JSON.parse(process.env.TRANSFORM)));
}

for (const { name, args, links, options = {} } of declarations) {
  const { parent, dependsOn, deletedWith, transform, ...plain } = options;
  applications[name] = new TutumApplication(
    name,
    { ...args, ...(links && { linkedToApplication: links.map(named) }) },
    {
      ...plain,
      ...(parent && { parent: component(parent) }),
      ...(dependsOn && { dependsOn: dependsOn.map(named) }),
      ...(deletedWith && { deletedWith: named(deletedWith) }),
      ...(transform && { transforms: [over(transform)] }),
    },
  );
}

function named(name: string): TutumApplication {
  const application = applications[name];
  if (!application) throw new Error(`no application ${name} is declared before`);
  return application;
}

function component(name: string): pulumi.ComponentResource {
  components[name] ??= new pulumi.ComponentResource("test:index:Component", name);
  return components[name];
}
