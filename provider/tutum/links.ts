import * as pulumi from "@pulumi/pulumi";
import type { TutumApplication } from "./application";

/** What an application can be linked to. */
export type LinkTarget =
  | TutumApplication
  | string
  | {
      application: pulumi.Input<TutumApplication | string>;
      /** Prefix of the link variables: `db` gives `DB_PORT_3306_TCP_ADDR`. */
      name?: pulumi.Input<string>;
      /**
       * False keeps the target's own variables back, which the linked containers receive as `DB_ENV_…`, secrets
       * among them. The API hands them over with every prefix of one's own: without them the prefix is the target's
       * unique name, which a replacement of the target changes. Default: true.
       */
      environment?: boolean;
    };

/**
 * Links as inputs: by the target's id, which stays known while the target is only updated (any other output of it
 * would be unknown in that preview, and a scaled database would show a replacement of all that is linked to it).
 */
export function links(targets: pulumi.Input<pulumi.Input<LinkTarget>[] | undefined>): unknown {
  if (targets === undefined) return undefined;
  if (Array.isArray(targets)) return targets.map(link);
  return known(targets).apply(list => (Array.isArray(list) ? list.map(link) : list));
}

function link(target: unknown): unknown {
  if (isLater(target)) return known(target).apply(link);
  if (typeof target === "string") return { application: target };
  // Anything else is left as it is for check, which names the property.
  if (target === null || typeof target !== "object") return target;
  if (isApplication(target)) return { application: target.id, name: target.name };
  const { application, environment, ...rest } = target as { application?: unknown; environment?: unknown };
  if (isLater(application)) return known(application).apply(application => link({ ...target, application }));
  if (environment === false) return bare(isApplication(application) ? application.id : application, rest);
  if (environment === true) return link({ ...rest, application });
  return isApplication(application)
    ? { name: application.name, ...defined(target), application: application.id }
    : target;
}

/** A link of the kind that hands over addresses and nothing else: only the API's form without a name is that. */
function bare(application: unknown, rest: { name?: unknown }): object {
  if (rest.name === undefined) return { ...defined(rest), application };
  throw new pulumi.RunError(
    "A link with environment: false can have no name: the API hands the target's variables over with every name.",
  );
}

/** Without what is undefined: it must not hide the default. */
function defined(target: object): object {
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
}

function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function known(value: unknown): pulumi.Output<unknown> {
  return pulumi.output(value);
}

/** By shape: `instanceof` breaks between two copies of the package. */
function isApplication(value: unknown): value is TutumApplication {
  return pulumi.CustomResource.isInstance(value);
}
