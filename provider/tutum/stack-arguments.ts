/** What an `ApplicationStack` is declared by: what a program writes, and what a stack file becomes. */
import type * as pulumi from "@pulumi/pulumi";
import type { TutumApplicationArgs } from "./application";

/** Another application of the same stack, by its name there. */
export type StackLink<Name extends string = string> =
  | Name
  | {
      application: Name;
      /** Prefix of the link variables. Default: the target's `name`. */
      name?: string;
      /** False keeps the target's own variables back, and with them the prefix: see `LinkTarget`. Default: true. */
      environment?: boolean;
    };

/** An application of a stack: the arguments of a `TutumApplication`, and links to its neighbours by name. */
export interface StackApplicationArgs<Name extends string = string> extends TutumApplicationArgs {
  /** Applications of this stack that it links to. Those of elsewhere go to `linkedToApplication`. Default: none. */
  links?: readonly StackLink<Name>[];
  /** Applications of this stack that are created before it, without a link. Default: none. */
  dependsOn?: readonly Name[];
  /** Of this application alone: `protect`, `aliases`, `ignoreChanges` … The stack is its parent. */
  options?: Omit<pulumi.CustomResourceOptions, "parent" | "id">;
}

/** Arguments that applications without a value of their own take. */
export type StackDefaults = Omit<TutumApplicationArgs, "image" | "name" | "adopt" | "linkedToApplication"> & {
  image?: TutumApplicationArgs["image"];
};

export interface ApplicationStackArgs<Name extends string = string> {
  /** For every application that does not say otherwise; environment variables are put together. Default: none. */
  defaults?: StackDefaults;
  /**
   * Begins the `name` of every application that has none of its own, as `prod-` does of `prod-web`: so that the stacks
   * of one account are told apart. Links between them keep their names, and so do variables: `DB_PORT`. Default: none.
   * Change: replacement.
   */
  namePrefix?: string;
  /**
   * The applications by name. An application's `name` is its name here unless it has one of its own. One that is
   * undefined is left out.
   */
  applications: { [K in Name]: StackApplicationArgs<Fixed<Name>> | undefined };
}

/** Keeps a type parameter from being inferred here: a link to a name that is not there is an error, no new name. */
type Fixed<T> = [T][T extends unknown ? 0 : never];
