import * as pulumi from "@pulumi/pulumi";
import { defined } from "../resource/defined";

/** A `TutumApplication`, by what a link needs of it. */
export interface LinkedApplication extends pulumi.CustomResource {
  readonly name: pulumi.Output<string>;
  readonly uniqueName: pulumi.Output<string>;
}

/** What an application can be linked to. */
export type LinkTarget =
  | LinkedApplication
  | string
  | {
      application: pulumi.Input<LinkedApplication | string>;
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
export function links(
  source: Source,
  targets: pulumi.Input<pulumi.Input<LinkTarget>[] | undefined>,
): unknown {
  const each = (target: unknown) => link(source, target);
  if (targets === undefined) return undefined;
  if (Array.isArray(targets)) return targets.map(each);
  return known(targets).apply(list => (Array.isArray(list) ? list.map(each) : list));
}

/** The application that has the links. */
export interface Source {
  name: string;
  account: Account;
}

type Account = pulumi.Input<string | undefined>;

const accounts = new WeakMap<object, { name: string; account: Account }>();

/** Notes the account that an application is declared in: links stay within one. */
export function declareAccount(application: object, declared: Source): void {
  accounts.set(application, declared);
}

function link(source: Source, target: unknown): unknown {
  const again = (target: unknown) => link(source, target);
  if (isLater(target)) return known(target).apply(again);
  if (typeof target === "string") return { application: target };
  // Anything else is left as it is for check, which names the property.
  if (target === null || typeof target !== "object") return target;
  if (isApplication(target)) return { application: reached(source, target), name: target.name };
  const { application, environment, ...rest } = target as { application?: unknown; environment?: unknown };
  if (isLater(application)) return known(application).apply(application => again({ ...target, application }));
  if (environment === false)
    return bare(isApplication(application) ? reached(source, application) : application, rest);
  if (environment === true) return again({ ...rest, application });
  return isApplication(application)
    ? { name: application.name, ...defined(target), application: reached(source, application) }
    : target;
}

/** The target's id, once it is sure that both are in one account: the server knows no applications of others. */
function reached(source: Source, target: LinkedApplication): pulumi.Output<string> {
  const declared = accounts.get(target);
  if (!declared) return target.id;
  const [own, other] = [source.account, declared.account];
  if (isLater(own) || isLater(other)) {
    // Of the accounts alone: in a preview the id may not be known, and then nothing more would run.
    return pulumi.all([own, other]).apply(([mine, its]) => {
      expectOneAccount(source.name, mine, declared.name, its);
      return target.id;
    });
  }
  expectOneAccount(source.name, own as string | undefined, declared.name, other as string | undefined);
  return target.id;
}

function expectOneAccount(source: string, own: string | undefined, target: string, its: string | undefined) {
  if (own === its) return;
  const of = (account: string | undefined) =>
    account === undefined ? "the default account" : `account ${account}`;
  throw new pulumi.RunError(
    `TutumApplication ${source} is in ${of(own)} and links to ${target}, which is in ${of(its)}: links stay within an account.`,
  );
}

/** A link of the kind that hands over addresses and nothing else: only the API's form without a name is that. */
function bare(application: unknown, rest: { name?: unknown }): object {
  if (rest.name === undefined) return { ...defined(rest), application };
  throw new pulumi.RunError(
    "A link with environment: false can have no name: the API hands the target's variables over with every name.",
  );
}

function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function known(value: unknown): pulumi.Output<unknown> {
  return pulumi.output(value);
}

/** By shape: `instanceof` breaks between two copies of the package. */
function isApplication(value: unknown): value is LinkedApplication {
  return pulumi.CustomResource.isInstance(value);
}
