import { setImmediate as nextTurn } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { type ApplicationOutputs, type TutumMocks, tutumMocks } from "./mocks";
import { plain } from "./wire";

export interface RunProgramOptions {
  /** Stack configuration; a key without a namespace is the project's. Default: none. */
  config?: Readonly<Record<string, string>>;
  /** Default: `project`. */
  project?: string;
  /** Default: `test`. */
  stack?: string;
  /** Whether it runs as a preview of an empty stack does. Default: false, as an `up` of one. */
  preview?: boolean;
  /** Answers for what is no application that the program creates, as the outputs of a `StackReference`. */
  mocks?: Partial<pulumi.runtime.Mocks>;
}

/** What a program declared. */
export interface RanProgram {
  /** The applications by the resource's name: id, arguments with their defaults, outputs; secrets in clear. */
  readonly applications: Readonly<Record<string, ApplicationOutputs>>;
  /** What the program returned or exported, as plain values; `UNKNOWN` where a preview does not know. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Runs a program under `tutumMocks()`, without CLI, provider and server, until all of it is declared.
 *
 * @param program Declares resources when it is called. A module does so once in a process: in jest once in a test
 * file, unless `jest.resetModules()` is called between.
 *
 * @example
 * const { applications } = await runProgram(() => import("./index"), { config: { databasePassword: "secret" } });
 * expect(applications.web?.linkedToApplication).toEqual([{ application: applications.db?.id, name: "db" }]);
 *
 * @throws what the program throws, and one error that names everything wrong in the applications' arguments.
 */
export async function runProgram(
  program: () => unknown,
  { config = {}, project = "project", stack = "test", preview = false, mocks = {} }: RunProgramOptions = {},
): Promise<RanProgram> {
  const entries = Object.entries(config);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(entries.map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value])),
  );
  const run = watched(tutumMocks(mocks));
  await pulumi.runtime.setMocks(run.mocks, project, stack, preview);
  try {
    const outputs = await Promise.race([run.failure, outputsOf(program)]);
    await Promise.race([run.failure, allDeclared(run.count)]);
    return { applications: run.mocks.applications, outputs };
  } catch (error) {
    if (run.release()) await ended();
    throw error;
  }
}

async function outputsOf(program: () => unknown): Promise<Record<string, unknown>> {
  const returned = { ...((await program()) as object | undefined) };
  return plain(await pulumi.runtime.serializeProperties("outputs", returned)) as Record<string, unknown>;
}

/** What was declared may declare more, once its outputs are there. */
async function allDeclared(count: () => number): Promise<void> {
  let before: number;
  do {
    before = count();
    await pulumi.runtime.disconnect();
    await nextTurn();
  } while (count() > before);
}

/** After a failure: nothing of the program runs on with values that are not known, as in a preview. */
async function ended(): Promise<void> {
  // The SDK has no other way to say so of a run that has begun.
  const { _setIsDryRun: setIsDryRun } = pulumi.runtime as unknown as {
    _setIsDryRun?(value: boolean): void;
  };
  const preview = pulumi.runtime.isDryRun();
  setIsDryRun?.(true);
  await pulumi.runtime.disconnect();
  setIsDryRun?.(preview);
}

interface Watched {
  mocks: TutumMocks;
  /** How many resources were declared so far. */
  count(): number;
  failure: Promise<never>;
  /**
   * Lets those that failed end as unknown, if there are any: Pulumi makes a failure of a process, as of node:test, that
   * ends with promises still open.
   */
  release(): boolean;
}

/** What is not known of a resource is not known of what depends on it. */
const NOTHING_KNOWN: pulumi.runtime.MockResourceResult = { id: "", state: {} };

/**
 * A resource that fails would reject each of its outputs, most of which nobody waits for. Here it does not come to be,
 * and what was wrong is told once, when the others have been checked too.
 */
function watched(mocks: TutumMocks): Watched {
  let count = 0;
  const messages: string[] = [];
  let fail: (error: Error) => void;
  const failure = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  let release: () => void;
  const released = new Promise<typeof NOTHING_KNOWN>(resolve => {
    release = () => resolve(NOTHING_KNOWN);
  });
  return {
    count: () => count,
    failure,
    release() {
      release();
      return messages.length > 0;
    },
    mocks: {
      ...mocks,
      newResource(resource) {
        count++;
        try {
          return mocks.newResource(resource);
        } catch (error) {
          messages.push((error as Error).message);
          if (messages.length === 1) void nextTurn().then(() => fail(new Error(messages.join("\n"))));
          return released;
        }
      },
    },
  };
}
