/** A stack file as the arguments of an `ApplicationStack`, its variables looked up. */
import { basename } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { asRunError } from "../../resource/program/output-errors";
import { getApplication } from "../lookups";
import type { StackApplicationArgs } from "../stack-arguments";
import { complete, known, type Later, type Lookup, sketched } from "./environment";
import { ExternalApplication } from "./external-application";
import type { Problem } from "./problems";
import { readServices } from "./read-services";
import { siblingReader } from "./sibling-reader";
import type { Evaluation, Lookup as KnownLookup, SourceOptions } from "./source";

export interface StackFileOptions {
  /**
   * Values of variables, secrets of the stack's configuration among them. A value known only later is refused where
   * the stack's shape depends on it. Default: none.
   */
  variables?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Where other variables are looked up. Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /**
   * What happens to keys that the API does not support: `warn` makes a warning of each, `error` an error of
   * every warning. Default: an error where containers would behave differently, else a warning.
   */
  unsupported?: "error" | "warn";
  /** Profiles of a Compose file that are enabled. Default: those of the variable `COMPOSE_PROFILES`. */
  profiles?: readonly string[];
  /** The account in which linked applications outside the file are looked up. Default: the default account. */
  account?: pulumi.Input<string | undefined>;
}

export interface StackFile {
  /** For `ApplicationStack`: the services by name. */
  applications: Record<string, StackApplicationArgs>;
  /** What is ignored or changed in meaning, with its place. */
  warnings: Problem[];
  /** Additions to the file's own declarations: links of a Compose file, variables of `.env`. */
  notes: Problem[];
}

/**
 * Reads a stack file of Tutum or a Compose file. Environment variables whose name is that of a secret, and those of an
 * `env_file`, become secrets.
 *
 * @throws {StackFileError} that lists all errors, each with file, line, column and a caret.
 */
export function readStackFile(path: string, options: StackFileOptions = {}): StackFile {
  const readText = siblingReader(path);
  const text = readText(basename(path));
  if (text === undefined) throw new pulumi.RunError(`The stack file ${path} cannot be read.`);
  return stackOf(text, { ...options, file: path, readText });
}

/** `readStackFile` of a text that is already read. */
export function stackOf(
  text: string,
  options: StackFileOptions & Pick<SourceOptions, "file" | "readText">,
): StackFile {
  const { variables, env = process.env, account, ...rest } = options;
  const { applications, problems } = readServices(text, {
    ...rest,
    env,
    given: Object.keys(variables ?? {}),
    acceptedBy: 'unsupported: "warn"',
    evaluation: lookUp => lookedUp(lookupIn(variables, lookUp)),
  });
  const found = Object.entries(applications).map(([name, { linkedToApplication, ...args }]) => {
    const links = linkedToApplication as { application: unknown; name?: string }[] | undefined;
    const linked = links?.map(link =>
      link.application instanceof ExternalApplication
        ? { ...link, application: uuidOf(link.application, account) }
        : link,
    );
    return [name, linked ? { ...args, linkedToApplication: linked } : args];
  });
  return {
    applications: Object.fromEntries(found) as StackFile["applications"],
    warnings: problems.filter(({ severity }) => severity === "warning"),
    notes: problems.filter(({ severity }) => severity === "note"),
  };
}

/** Looked up by its unique name, in a preview too. */
function uuidOf(
  { uniqueName, place, account: own }: ExternalApplication,
  account: StackFileOptions["account"],
): pulumi.Output<string> {
  return pulumi.output(own ?? account).apply(given =>
    asRunError(async () => {
      try {
        return (await getApplication({ application: uniqueName, account: given })).uuid;
      } catch (error) {
        throw new Error(
          `${place} names no service of this file, so it was looked up. ${(error as Error).message}`,
        );
      }
    }),
  );
}

function lookupIn(variables: StackFileOptions["variables"] = {}, others: KnownLookup): Lookup {
  return name => {
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (given === undefined) return others(name);
    return typeof given === "string" ? given : (pulumi.output(given) as unknown as Later);
  };
}

/** Every variable by its value. */
function lookedUp(lookup: Lookup): Evaluation {
  return {
    bakedIn: false,
    text(parts, meaning, fail) {
      const text = complete(parts, lookup, fail);
      const value = meaning.number && text !== undefined ? numberOf(text, fail) : text;
      return meaning.secret && value !== undefined ? pulumi.secret(value) : value;
    },
    known: (parts, fail) => known(parts, lookup, fail),
    guess: parts => sketched(parts, lookup),
  };
}

function numberOf(text: string | Later, fail: (words: string) => void): unknown {
  if (typeof text !== "string") return text.apply(number => Number(number) as unknown as string);
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return fail(`must be a whole number, not ${JSON.stringify(text)}.`);
}
