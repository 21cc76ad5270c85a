import { setImmediate as nextTurn } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { MockedKind } from "./kind";
import { type KindMocks, mocksOf } from "./mocks";
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
  /** Responses for what is no resource of these kinds that the program creates, as the outputs of a `StackReference`. */
  mocks?: Partial<pulumi.runtime.Mocks>;
}

/** What a program declared. */
export interface Ran {
  /** By type token and the resource's name: id, arguments with their defaults, outputs; secrets in clear. */
  readonly resources: KindMocks["resources"];
  /** What the program returned or exported, as plain values; `UNKNOWN` where a preview does not know. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Runs a program under mocks of these kinds, without CLI, provider and server, until all of it is declared.
 *
 * @throws what the program throws, once all that it began has ended, and one error that names everything wrong in the
 * resources' arguments.
 */
export async function runWith(
  kinds: readonly MockedKind[],
  program: () => unknown,
  { config = {}, project = "project", stack = "test", preview = false, mocks = {} }: RunProgramOptions = {},
): Promise<Ran> {
  const entries = Object.entries(config);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(entries.map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value])),
  );
  const run = watched(mocksOf(kinds, mocks));
  await pulumi.runtime.setMocks(run.mocks, project, stack, preview);
  try {
    const returned = await Promise.race([run.failure, (async () => program())()]);
    const outputs = await Promise.race([run.failure, outputsOf(returned)]);
    await Promise.race([run.failure, allDeclared(run.count)]);
    refuseSecondRun(returned, run.count());
    return { resources: run.mocks.resources, outputs };
  } catch (error) {
    run.release();
    await ended(run.count);
    throw error;
  }
}

async function outputsOf(returned: unknown): Promise<Record<string, unknown>> {
  const exports = { ...(returned as object | undefined) };
  return plain(await pulumi.runtime.serializeProperties("outputs", exports)) as Record<string, unknown>;
}

/** What programs returned that declared something. */
const ran = new WeakSet<object>();

/** A module that was loaded before declares nothing, and a test of all that it declares would hold of nothing. */
function refuseSecondRun(returned: unknown, count: number): void {
  if (typeof returned !== "object" || returned === null) return;
  if (count > 0) ran.add(returned);
  else if (ran.has(returned))
    throw new Error(
      "This module was run before, and a module declares its resources once in a process: call `jest.resetModules()` " +
        "(vitest: `vi.resetModules()`) before it is run again, or let it export a function that declares them.",
    );
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

/**
 * After a failure: what the program began comes to its end here and not in the next run, and nothing of it runs on with
 * values that are not known, as in a preview.
 */
async function ended(count: () => number): Promise<void> {
  // The SDK has no other way to say so of a run that has begun.
  const { _setIsDryRun: setIsDryRun } = pulumi.runtime as unknown as {
    _setIsDryRun?(value: boolean): void;
  };
  const preview = pulumi.runtime.isDryRun();
  setIsDryRun?.(true);
  await allDeclared(count);
  setIsDryRun?.(preview);
}

interface Watched {
  mocks: KindMocks;
  /** How many resources were declared so far. */
  count(): number;
  failure: Promise<never>;
  /**
   * Lets those that failed end as unknown: Pulumi makes a failure of a process, as of node:test, that ends with promises
   * still open.
   */
  release(): void;
}

/** What is not known of a resource is not known of what depends on it. */
const NOTHING_KNOWN: pulumi.runtime.MockResourceResult = { id: "", state: {} };

/**
 * A resource that fails would reject each of its outputs, most of which nobody waits for. Here it does not come to be,
 * and what was wrong is told once, when the others have been checked too.
 */
function watched(mocks: KindMocks): Watched {
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
    release: () => release(),
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
