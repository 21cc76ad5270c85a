/**
 * Brings an application that exists to its declared state, from whatever state it is in: POST start, PATCH, POST
 * stop, each only when needed and each waited for. Decides by what the server shows, never by what was done before.
 */

import type { TimeLeft } from "../../resource/lifecycle/deadline";
import { completing, ExpectedError } from "../../resource/lifecycle/failure";
import { changedProperties, diffFields } from "../../resource/table/diff";
import type { Values } from "../../resource/table/field";
import { bodyOf } from "../../resource/table/outputs";
import { type Application, type ApplicationUpdate, isTutumApiError } from "../client";
import { hasPower, runs } from "../client/states";
import type { ApplicationContext } from "./context";
import { explain } from "./explain";
import { applicationFields } from "./fields";
import { toOutputs } from "./outputs";
import { settled } from "./progress";

export interface Convergence {
  context: ApplicationContext;
  inputs: Values;
  left: TimeLeft;
  /** The application as the server last showed it. */
  application: Application;
  /** What may be changed: what the preview showed. Absent: everything, after a creation or a failure. */
  only?: readonly string[];
  /** Names the creation that found the application instead of making it. Kept in its outputs. */
  adoption?: unknown;
}

/** Runs steps on an application that exists, and returns its outputs; whatever fails is thrown with those of the state reached. */
export function completed(run: Convergence, steps: () => Promise<void>): Promise<Values> {
  const outputs = () => ({
    ...toOutputs(run.context, run.application, run.inputs),
    adoption: run.adoption,
  });
  return completing(run.application.uuid, outputs, steps);
}

export async function converge(run: Convergence): Promise<void> {
  const { signal } = run.context;
  const { applications } = run.context.client;
  // Scaling starts containers, also those of an application that is stopped.
  const power = !run.only || ["running", "targetNumContainers"].some(name => run.only?.includes(name));
  const wanted = run.inputs.running !== false;
  await settle(run);
  if (power && wanted && !runs(run.application.state)) {
    await act(run, uuid => applications.start(uuid, { signal }));
    await expectState(run, "Running");
  }
  const changes = patchOf(run);
  if (Object.keys(changes).length > 0) {
    await act(run, uuid => applications.update(uuid, changes, { signal }));
  }
  if (power && !wanted && hasPower(run.application.state)) {
    await act(run, uuid => applications.stop(uuid, { signal }));
  }
  if (power) await expectState(run, wanted ? "Running" : "Stopped");
  const ignored = Object.keys(patchOf(run));
  if (ignored.length > 0) {
    throw new ExpectedError(
      `${nameOf(run)}: the server accepted a change of ${ignored.join(", ")} but shows the old value.`,
    );
  }
}

/** One request and the wait for what comes of it. Refused because somebody else set it in motion: waits, asks again. */
async function act(run: Convergence, request: (uuid: string) => Promise<Application>): Promise<void> {
  const { signal } = run.context;
  const { uuid } = run.application;
  signal.throwIfAborted();
  try {
    run.application = await request(uuid);
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 400) throw error;
    const busy = await run.context.client.applications.get(uuid, { signal });
    if (busy.state === run.application.state) throw error;
    run.application = busy;
    await settle(run);
    run.application = await request(uuid);
  }
  await settle(run);
}

/** Waits until the application rests in some state. */
export async function settle(run: Convergence): Promise<void> {
  const { client } = run.context;
  try {
    const rested = await settled(run.context, run.application, run.left());
    if (rested) run.application = rested;
    if (rested && rested.state !== "Terminated") return;
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
  // A stop of what had failed before leaves the label of the failure.
  if (seen === state || (state === "Stopped" && !hasPower(seen))) return;
  const secrets = Object.values((run.inputs.containerEnvvars ?? {}) as Record<string, string>);
  const why = await explain(run.context.client, run.application, secrets);
  throw new ExpectedError(
    `${nameOf(run)} is "${seen}" with ${running} of ${target} containers running, expected "${state}".${why} ` +
      "It is kept; the next `pulumi up` starts it again, with the image it has: one that was repaired under the same " +
      "tag is taken when the program has a new tag, or another value in `triggers`.",
  );
}

/** The PATCH body that is still needed. */
function patchOf(run: Convergence): ApplicationUpdate {
  const { inputs, application, only } = run;
  const changes = diffFields(applicationFields, toOutputs(run.context, application, inputs), inputs);
  const names = changedProperties(changes).filter(
    name => applicationFields[name as Name].change === "in-place" && (!only || only.includes(name)),
  );
  // Nothing but an empty name clears the domain.
  const cleared =
    names.includes("webPublicDns") && inputs.webPublicDns === undefined ? { web_public_dns: "" } : {};
  return { ...bodyOf(applicationFields, inputs, names), ...cleared };
}

type Name = keyof typeof applicationFields;

function nameOf({ application }: Convergence): string {
  return `Application ${application.unique_name} (${application.uuid})`;
}
