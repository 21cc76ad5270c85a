import { parse } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { defined } from "../resource/defined";
import { dependencyOrder, describeCircle } from "../resource/dependency-order";
import { sentence } from "../resource/sentence";
import { suggest } from "../resource/table/schema";
import { defaultNamed, TutumApplication, type TutumApplicationArgs } from "./application";
import { STACK_TYPE } from "./kind";
import type { LinkTarget } from "./links";
import type { ApplicationStackArgs, StackApplicationArgs, StackDefaults, StackLink } from "./stack-arguments";
import { problemText, readStackFile, type StackFileOptions } from "./stack-file";

export interface StackFromFileArgs extends StackFileOptions {
  /** Name of the stack's resource. Default: the file's, without its ending. */
  name?: string;
  /** For every application of which the file does not say otherwise. Default: none. */
  defaults?: StackDefaults;
  /** Begins the `name` of every application. Default: none. Change: replacement. */
  namePrefix?: string;
}

/**
 * Named applications that link to one another by name. Each is a child `<stack>-<name>`.
 *
 * @example
 * const shop = new ApplicationStack("shop", {
 *   defaults: { containerSize: "S" },
 *   applications: {
 *     db: { image: "tutum/mysql", containerPorts: [{ innerPort: 3306 }] },
 *     web: { image: "tutum/wordpress", containerPorts: [{ innerPort: 80 }], links: ["db"] },
 *   },
 * });
 * export const url = shop.applications.web.webUrl;
 *
 * @throws {pulumi.RunError} for a link to a name that is not there, and for links in a circle.
 */
export class ApplicationStack<Name extends string = string> extends pulumi.ComponentResource {
  /** The applications by name. */
  readonly applications: Readonly<Record<Name, TutumApplication>>;

  /**
   * The applications that a stack file of Tutum or a Compose file describes. What of it is ignored, or taken for
   * something else, is a warning with its place.
   *
   * @example
   * const shop = ApplicationStack.fromFile("tutum.yml", { variables: { PASSWORD: config.requireSecret("password") } });
   *
   * @throws {StackFileError} that lists everything that is wrong in it, each with file, line, column and a caret.
   */
  static fromFile(
    path: string,
    args: StackFromFileArgs = {},
    options?: pulumi.ComponentResourceOptions,
  ): ApplicationStack {
    const { name = parse(path).name, defaults, namePrefix, ...rest } = args;
    const { applications, warnings, notes } = readStackFile(path, { account: defaults?.account, ...rest });
    const stack = new ApplicationStack(name, { defaults, namePrefix, applications }, options);
    for (const warning of warnings) void pulumi.log.warn(problemText(warning, { titled: false }), stack);
    if (notes.length > 0) void pulumi.log.info(notes.map(note => problemText(note)).join("\n"), stack);
    return stack;
  }

  constructor(name: string, args: ApplicationStackArgs<Name>, options: pulumi.ComponentResourceOptions = {}) {
    super(STACK_TYPE, name, {}, options);
    const declared = declaredIn(name, args);
    const made: Record<string, TutumApplication> = {};
    // A prefix is for people and for the server: what a program reads is named as in the declaration.
    const named = (key: string) => args.namePrefix !== undefined && declared[key]?.name === undefined;
    for (const key of inOrder(name, declared)) {
      const {
        links = [],
        dependsOn = [],
        options,
        linkedToApplication,
        ...own
      } = declared[key] as StackApplicationArgs;
      const neighbours = links.map(link => toLink(link, made, named));
      made[key] = new TutumApplication(
        `${name}-${key}`,
        defaultNamed(`${args.namePrefix ?? ""}${key}`, {
          ...withDefaults(args.defaults, own),
          ...(neighbours.length > 0 || linkedToApplication !== undefined
            ? { linkedToApplication: together(neighbours, linkedToApplication) }
            : {}),
        }),
        { ...options, parent: this, dependsOn: before(dependsOn, options?.dependsOn, made) },
      );
    }
    this.applications = Object.freeze(made) as Record<Name, TutumApplication>;
    this.registerOutputs({});
  }
}

/** Those that there are; for programs without types, what is wrong with the others in words. */
function declaredIn(stack: string, args: ApplicationStackArgs): Record<string, StackApplicationArgs> {
  const declared: Record<string, StackApplicationArgs> = {};
  for (const [key, own] of Object.entries<unknown>(args?.applications ?? missing(stack))) {
    if (own === undefined) continue;
    if (typeof own !== "object" || own === null)
      throw new pulumi.RunError(
        `ApplicationStack ${stack}: ${key} must be an object with its arguments, as in { image: "…" }, or undefined.`,
      );
    declared[key] = own as StackApplicationArgs;
  }
  return declared;
}

function missing(stack: string): never {
  throw new pulumi.RunError(
    `ApplicationStack ${stack}: its applications are missing: new ApplicationStack("${stack}", { applications: { … } }).`,
  );
}

/** Names so that each comes after those it links to. */
function inOrder(stack: string, applications: Record<string, StackApplicationArgs>): string[] {
  const names = Object.keys(applications);
  for (const name of names) {
    const { links = [], dependsOn = [] } = applications[name] as StackApplicationArgs;
    const unknown = [...links.map(targetOf), ...dependsOn].find(
      target => !Object.hasOwn(applications, target),
    );
    if (unknown === undefined) continue;
    const verb = links.some(link => targetOf(link) === unknown) ? "links to" : "depends on";
    throw new pulumi.RunError(
      sentence(
        `ApplicationStack ${stack}: ${name} ${verb} ${JSON.stringify(unknown)}, which is not one of its applications${suggest(unknown, names)}`,
      ),
    );
  }
  const needsOf = (name: string) => {
    const { links = [], dependsOn = [] } = applications[name] as StackApplicationArgs;
    return [...links.map(targetOf), ...dependsOn];
  };
  return dependencyOrder(names, needsOf, circle => {
    throw new pulumi.RunError(
      `ApplicationStack ${stack}: the links go in ${describeCircle(circle)}, as a container gets its variables when it is ` +
        "launched. Remove a link.",
    );
  });
}

function targetOf(link: StackLink): string {
  return typeof link === "string" ? link : link.application;
}

function toLink(
  link: StackLink,
  made: Record<string, TutumApplication>,
  named: (key: string) => boolean,
): LinkTarget {
  if (typeof link === "string" && !named(link)) return made[link] as TutumApplication;
  const { application, ...rest } = typeof link === "string" ? { application: link } : link;
  const name = named(application) ? { name: application } : {};
  return { ...name, ...rest, application: made[application] as TutumApplication };
}

type Dependencies = pulumi.ResourceOptions["dependsOn"];

function before(
  names: readonly string[],
  others: Dependencies,
  made: Record<string, TutumApplication>,
): Dependencies {
  const neighbours = names.map(name => made[name] as TutumApplication);
  if (neighbours.length === 0) return others;
  return pulumi.output(others).apply(list => [...neighbours, ...[list ?? []].flat()]);
}

function together(
  neighbours: LinkTarget[],
  others: TutumApplicationArgs["linkedToApplication"],
): TutumApplicationArgs["linkedToApplication"] {
  if (others === undefined) return neighbours;
  if (Array.isArray(others)) return [...neighbours, ...others];
  return pulumi.output(others).apply(list => [...neighbours, ...((list ?? []) as LinkTarget[])]);
}

function withDefaults(
  defaults: StackDefaults = {},
  own: StackApplicationArgs,
): Omit<StackApplicationArgs, "links" | "dependsOn" | "options"> {
  const merged = { ...defaults, ...defined(own) } as TutumApplicationArgs;
  const [general, special] = [defaults.containerEnvvars, own.containerEnvvars];
  if (general === undefined || special === undefined) return merged;
  return { ...merged, containerEnvvars: mergedVariables(general, special) };
}

type Variables = NonNullable<TutumApplicationArgs["containerEnvvars"]>;

/** One by one as long as their names are known now: a secret among them then leaves the others readable. */
function mergedVariables(general: Variables, special: Variables): Variables {
  if (isPlain(general) && isPlain(special)) return { ...general, ...special };
  return pulumi.all([general, special]).apply(([a, b]) => ({ ...a, ...b }));
}

function isPlain(variables: Variables): variables is Record<string, pulumi.Input<string>> {
  return !pulumi.Output.isInstance(variables) && !(variables instanceof Promise);
}
