import { randomUUID } from "node:crypto";
import { ExpectedError } from "../../resource/failure";
import type { Values } from "../../resource/field";
import { bodyOf } from "../../resource/outputs";
import { type Application, type ApplicationCreate, isTutumApiError, TutumApiError } from "../client";
import { masked } from "../client/masked";
import { applicationToAdopt } from "./adopt";
import type { ApplicationContext } from "./context";
import { completing, converge, expectState, settle } from "./converge";
import { type Event, firstStep, nextStep, type Step } from "./creation";
import { timeLeft } from "./deadline";
import { applicationFields, OWNER_VARIABLE, withoutAlias } from "./fields";
import { findOwn, markerOf, type Owner, ownerOf } from "./owner";
import { isGone } from "./states";

/** POST, wait for Running; with `running: false` stop then (the API always deploys), and wait for Stopped. */
export async function create(
  context: ApplicationContext,
  inputs: Values,
): Promise<{ id: string; outputs: Values }> {
  const { application, adoption, surplus } = await createOnce(context, inputs);
  context.known.set(application.uuid, inputs.resourceHash);
  const run = { context, inputs, left: timeLeft(context, inputs, "create"), application, adoption };
  const outputs = await completing(run, async () => {
    if (surplus) await context.client.applications.terminate(surplus.uuid);
    await settle(run);
    // Endpoints since June 2014 create without starting; `converge` starts those, and what was found lying.
    if (!adoption && run.application.state !== "Not running") await expectState(run, "Running");
    await converge(run);
  });
  return { id: application.uuid, outputs };
}

interface Created {
  application: Application;
  /** Found, not made: a name for that. */
  adoption?: string;
  /** A second one that this run made before the first was seen. */
  surplus?: Application;
}

async function createOnce(context: ApplicationContext, inputs: Values): Promise<Created> {
  const existing = await applicationToAdopt(context, inputs);
  if (existing) return adopting(context, existing);
  const owner = ownerOf(context, inputs);
  for (let step: Step<Application> = firstStep(owner.stable); ; ) {
    switch (step.do) {
      case "keep":
        return step;
      case "adopt":
        return adopting(context, step.application);
      case "fail":
        throw isDoubtful(step.error)
          ? new ExpectedError(step.error.message + lookout(inputs, owner))
          : step.error;
      case "stop":
        throw new ExpectedError(
          `Creating application "${inputs.name}" stopped: ${step.uuids.join(" and ")} both carry its mark, and only ` +
            "one can be it. Terminate the others, and run `pulumi up` again.",
        );
      default:
        step = nextStep(step, await perform(step, context, inputs, owner), context.clock.now());
    }
  }
}

function adopting(context: ApplicationContext, application: Application): Created {
  context.adopted.add(application.uuid);
  return { application, adoption: randomUUID() };
}

async function perform(
  step: Step<Application>,
  context: ApplicationContext,
  inputs: Values,
  owner: Owner,
): Promise<Event<Application>> {
  const { signal, clock } = context;
  try {
    if (step.do !== "compare") signal.throwIfAborted();
    if (step.do === "post") {
      // The answer is waited for also after a Ctrl-C: with it the application is in the state.
      const created = await post(context, requestOf(inputs, owner));
      return isAnswered(context, created, owner) ? { created } : { doubt: otherAnswer(created) };
    }
    if (step.do === "search") await clock.sleep(step.pause, signal);
    return { found: await findOwn(context, inputs, owner) };
  } catch (error) {
    if (step.do !== "post")
      return isTutumApiError(error) && error.retryable ? { unanswered: error } : { refused: error };
    return isDoubtful(error) ? { doubt: error } : { refused: withoutSecrets(error, inputs) };
  }
}

/** Whether the answer is about what was to be created: a cache or proxy may mix answers up. */
function isAnswered({ known }: ApplicationContext, created: Application, { marker }: Owner): boolean {
  return markerOf(created) === marker && !known.has(created.uuid) && !isGone(created.state);
}

function otherAnswer({ name, uuid }: Application): TutumApiError {
  return new TutumApiError({
    message: `Creating application "${name}" failed: the answer is about another application (${uuid}).`,
    method: "POST",
    path: "application/",
    ambiguous: true,
  });
}

/** A server may quote the value that it refuses. */
function withoutSecrets(error: unknown, inputs: Values): unknown {
  const values = Object.values((inputs.containerEnvvars ?? {}) as Record<string, string>);
  return isTutumApiError(error) ? new ExpectedError(masked(error.message, values)) : error;
}

function isDoubtful(error: unknown): error is TutumApiError {
  return isTutumApiError(error) && error.ambiguous;
}

/** What to do about a creation that nobody heard of again. */
function lookout(inputs: Values, { marker, stable }: Owner): string {
  return stable
    ? " If it was created all the same, the next `pulumi up` finds it by its mark and takes it over."
    : ` It may have been created all the same: look for an application "${inputs.name}" with ${OWNER_VARIABLE}=${marker}.`;
}

function requestOf(inputs: Values, owner: Owner): ApplicationCreate {
  const body = bodyOf(applicationFields, inputs) as unknown as ApplicationCreate;
  const mark = { key: OWNER_VARIABLE, value: owner.marker };
  return { ...body, container_envvars: [...(body.container_envvars ?? []), mark] };
}

/** An endpoint that does not know link aliases refuses their form: it gets bare URIs. Nothing was created then. */
async function post({ client }: ApplicationContext, body: ApplicationCreate): Promise<Application> {
  try {
    return await client.applications.create(body);
  } catch (error) {
    const links = body.linked_to_application ?? [];
    const refused =
      isTutumApiError(error) && error.status === 400 && error.serverMessage.includes("linked_to_application");
    if (!refused || links.every(link => typeof link === "string")) throw error;
    try {
      return await client.applications.create({ ...body, linked_to_application: links.map(withoutAlias) });
    } catch (second) {
      // The links were not what it minded: the first answer is about the request as declared.
      throw isTutumApiError(second) && second.status === 400 ? error : second;
    }
  }
}
