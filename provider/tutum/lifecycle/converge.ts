/**
 * Brings an application that exists to its declared state, from whatever state it is in: POST start, PATCH, POST
 * stop, each only when needed and each waited for. Decides by what the server shows, never by what was done before.
 */
import { diffFields } from "../../resource/diff";
import { ExpectedError, PartialFailure } from "../../resource/failure";
import type { Values } from "../../resource/field";
import { bodyOf } from "../../resource/outputs";
import type { Application, ApplicationUpdate } from "../client";
import { type ApplicationContext, DEFAULT_DEADLINE } from "./context";
import { explain } from "./explain";
import { applicationFields } from "./fields";
import { toOutputs } from "./outputs";
import { hasPower } from "./states";

export interface Convergence {
  context: ApplicationContext;
  inputs: Values;
  deadline: number;
  /** The application as the server last showed it. */
  application: Application;
}

/** Seconds that `customTimeouts` allows the operation. */
export function deadlineOf(values: Values, operation: "create" | "update" | "delete"): number {
  return (values.deadlines as Partial<Record<string, number>> | undefined)?.[operation] ?? DEFAULT_DEADLINE;
}

/**
 * Runs steps on an application that exists, and returns its outputs. Whatever fails is thrown with the id and the
 * outputs of the state reached, so that the engine keeps the application and the next update resumes.
 */
export async function completing(run: Convergence, steps: () => Promise<void>): Promise<Values> {
  try {
    await steps();
    return toOutputs(run.context, run.application, run.inputs);
  } catch (error) {
    const outputs = toOutputs(run.context, run.application, run.inputs);
    throw new PartialFailure(run.application.uuid, outputs, [
      error instanceof Error ? error.message : String(error),
    ]);
  }
}

export async function converge(run: Convergence): Promise<void> {
  const { applications } = run.context.client;
  const wanted = run.inputs.running !== false;
  await settle(run);
  if (wanted && !hasPower(run.application.state)) {
    run.application = await applications.start(run.application.uuid);
    await settle(run);
    await expectState(run, "Running");
  }
  const changes = patchOf(run);
  if (Object.keys(changes).length > 0) {
    run.application = await applications.update(run.application.uuid, changes);
    await settle(run);
  }
  if (!wanted && hasPower(run.application.state)) {
    run.application = await applications.stop(run.application.uuid);
    await settle(run);
    await expectState(run, "Stopped");
  }
  const ignored = Object.keys(patchOf(run));
  if (ignored.length > 0) {
    throw new ExpectedError(
      `${nameOf(run)}: the server accepted a change of ${ignored.join(", ")} but shows the old value.`,
    );
  }
}

/** Waits until the application rests in some state. */
export async function settle(run: Convergence): Promise<void> {
  const { client } = run.context;
  try {
    const settled = await client.settled(run.application, { deadline: run.deadline * 1000 });
    if (settled) run.application = settled;
    if (settled && settled.state !== "Terminated") return;
  } catch (error) {
    const last = (error as { last?: Application }).last;
    if (last) run.application = last;
    throw error;
  }
  throw new ExpectedError(
    `${nameOf(run)} was terminated by someone else at ${client.endpoint}; run \`pulumi refresh\`.`,
  );
}

export async function expectState(run: Convergence, state: "Running" | "Stopped"): Promise<void> {
  const { state: seen, running_num_containers: running, target_num_containers: target } = run.application;
  if (seen === state) return;
  const secrets = Object.values((run.inputs.containerEnvvars ?? {}) as Record<string, string>);
  const why = await explain(run.context.client, run.application, secrets);
  throw new ExpectedError(
    `${nameOf(run)} is "${seen}" with ${running} of ${target} containers running, expected "${state}".${why} ` +
      "It is kept; the next `pulumi up` starts it again.",
  );
}

/** The PATCH body that is still needed. */
function patchOf(run: Convergence): ApplicationUpdate {
  const { inputs, application } = run;
  const changes = diffFields(applicationFields, toOutputs(run.context, application, inputs), inputs);
  const names = Object.keys(changes).filter(name => applicationFields[name as Name].change === "patch");
  // Nothing but an empty name clears the domain.
  const cleared =
    names.includes("webPublicDns") && inputs.webPublicDns === undefined ? { web_public_dns: "" } : {};
  return { ...bodyOf(applicationFields, inputs, names), ...cleared };
}

type Name = keyof typeof applicationFields;

function nameOf({ application }: Convergence): string {
  return `Application ${application.unique_name} (${application.uuid})`;
}
