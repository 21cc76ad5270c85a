/**
 * For tests of programs that use the package, without the Pulumi CLI by mocks, or against an embedded server:
 * `pulumi-tutum/testing`.
 */
import type * as pulumi from "@pulumi/pulumi";
import { mockedKinds } from "./kinds";
import { mocksOf } from "./testing/mocks";
import { type Ran, type RunProgramOptions, runWith } from "./testing/run-program";
import { APPLICATION } from "./tutum/kind";
import type { ApplicationOutputs } from "./tutum/testing/kind";

export { UNKNOWN } from "./resource/table/unknown";
export type { RunProgramOptions } from "./testing/run-program";
export {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  startEmbeddedServer,
} from "./tutum/testing/embedded-server";
export type { ApplicationOutputs } from "./tutum/testing/kind";

/** Mocks of the package: an application gets the checks, defaults and outputs that the provider would give it. */
export interface TutumMocks extends pulumi.runtime.Mocks {
  /**
   * The applications declared so far, by the resource's name (a second of that name under a parent of another type: `web-2`).
   * In a preview a value that is not known before `up` is `UNKNOWN`, and outputs that are no arguments are absent.
   */
  readonly applications: Readonly<Record<string, ApplicationOutputs>>;
}

/** What a program declared. */
export interface RanProgram {
  /** The applications by the resource's name: id, arguments with their defaults, outputs; secrets in clear. */
  readonly applications: Readonly<Record<string, ApplicationOutputs>>;
  /** What the program returned or exported, as plain values; `UNKNOWN` where a preview does not know. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * For `pulumi.runtime.setMocks`: applications of the program run at once, under the ids and names that an empty
 * server would give them; in a preview they are about to be created. Ids are the same in every run. Other resources
 * answer with their inputs. `runProgram` does with them what most tests need.
 *
 * @param more Called first for what the program does not create: other resources, and applications that it reads.
 * @throws in `newResource`, as a failing preview does, when an application's arguments are wrong.
 */
export function tutumMocks(more: Partial<pulumi.runtime.Mocks> = {}): TutumMocks {
  const { resources, ...mocks } = mocksOf(mockedKinds(), more);
  return { ...mocks, applications: applicationsOf(resources) };
}

/**
 * Runs a program under `tutumMocks()`, without CLI, provider and server, until all of it is declared.
 *
 * @param program Declares resources when it is called. A module does so once in a process: in jest once in a test
 * file, unless `jest.resetModules()` is called between; a second run without that is an error.
 *
 * @example
 * const { applications } = await runProgram(() => import("./index"), { config: { databasePassword: "secret" } });
 * expect(applications.web?.linkedToApplication).toEqual([{ application: applications.db?.id, name: "db" }]);
 *
 * @throws what the program throws, once all that it began has ended, and one error that names everything wrong in the applications' arguments.
 */
export async function runProgram(
  program: () => unknown,
  options: RunProgramOptions = {},
): Promise<RanProgram> {
  const { resources, outputs } = await runWith(mockedKinds(), program, options);
  return { applications: applicationsOf(resources), outputs };
}

/** Typed by the class that their kind is checked against. */
function applicationsOf(resources: Ran["resources"]): TutumMocks["applications"] {
  return resources[APPLICATION.type] as TutumMocks["applications"];
}
