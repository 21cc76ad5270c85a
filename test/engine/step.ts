/** What must be true after every change through the CLI. */
import type { Run, Stack } from "./stack";

/**
 * Up, and then: a preview shows nothing, a refresh finds nothing, a preview after it shows nothing. `args` are for
 * `up`, whose run is returned.
 */
export async function step(stack: Stack, ...args: string[]): Promise<Run> {
  const run = succeeded(await stack.up(...args));
  await nothingToDo(stack);
  return run;
}

/** Preview, refresh, preview: none of them finds a difference. */
export async function nothingToDo(stack: Stack): Promise<void> {
  for (const look of ["preview", "refresh", "preview"] as const) {
    const run = succeeded(await stack[look]("--diff", "--expect-no-changes"));
    expect({ look, steps: run.steps, mutations: run.mutations }).toEqual({ look, steps: [], mutations: [] });
  }
}

/**
 * Destroy, after which nothing is alive on the server but the applications with these unique names, and the state
 * has none.
 */
export async function emptied(stack: Stack, stays: string[] = []): Promise<Run> {
  const run = succeeded(await stack.destroy());
  expect((await stack.alive()).map(application => application.unique_name).sort()).toEqual(stays.sort());
  expect(await stack.ids()).toEqual({});
  return run;
}

/** Fails with what the user was told. */
export function succeeded(run: Run): Run {
  expect({ code: run.code, output: run.code === 0 ? "" : run.output }).toEqual({ code: 0, output: "" });
  return run;
}
