import { randomUUID } from "node:crypto";
import { redact } from "../../http/redact";
import { ExpectedError } from "../../resource/failure";
import type { Values } from "../../resource/field";
import { type TimeLeft, timeLeft } from "../../resource/lifecycle/deadline";
import { bodyOf } from "../../resource/outputs";
import { type Application, type ApplicationCreate, isTutumApiError, TutumApiError } from "../client";
import { applicationToAdopt } from "./adopt";
import type { ApplicationContext } from "./context";
import { completing, converge, expectState, settle } from "./converge";
import { type Event, firstStep, nextStep, type Step } from "./creation";
import { applicationFields, OWNER_VARIABLE, withoutAlias } from "./fields";
import type { Intent } from "./intents";
import { removeLeftovers, tellOfLeftovers } from "./leftovers";
import { choice, findEarlier, findMade, markOf, moment, named, type Owner, ownerOf } from "./owner";
import { isGone } from "./states";
import { terminate } from "./terminate";

/** POST, wait for Running; with `running: false` stop then (the API always deploys), and wait for Stopped. */
export async function create(
  context: ApplicationContext,
  inputs: Values,
): Promise<{ id: string; outputs: Values }> {
  const left = timeLeft(context, inputs, "create");
  const { application, adoption, surplus } = await createOnce(context, inputs, left);
  context.known.set(application.uuid, inputs.resourceHash);
  const run = { context, inputs, left, application, adoption };
  try {
    const outputs = await completing(run, async () => {
      for (const { uuid } of surplus) await terminate(context, uuid, left);
      await settle(run);
      // Endpoints since June 2014 create without starting; `converge` starts those, and what was found lying.
      if (!adoption && run.application.state !== "Not running") await expectState(run, "Running");
      await converge(run);
    });
    return { id: application.uuid, outputs };
  } finally {
    // Also of one that does not run the engine hears, and keeps it.
    context.intents.returned(markOf(application), application.uuid);
  }
}

interface Created {
  application: Application;
  /** Found, not made: a name for that. */
  adoption?: string;
  /** Made by this very creation, and one too many each. */
  surplus: Application[];
}

async function createOnce(context: ApplicationContext, inputs: Values, left: TimeLeft): Promise<Created> {
  const existing = await applicationToAdopt(context, inputs);
  if (existing) {
    context.intents.adopted(markOf(existing));
    return adopting(context, existing);
  }
  const owner = ownerOf(context, inputs);
  for (let step: Step<Application> = firstStep(owner.marker !== undefined); ; ) {
    switch (step.do) {
      case "keep":
        return step;
      case "adopt":
        return takingOver(context, step.application, step.surplus);
      case "fail":
        throw isDoubtful(step.error)
          ? new ExpectedError(step.error.message + lookout(inputs, owner))
          : step.error;
      case "stop":
        throw new ExpectedError(choice(context, inputs, step.strangers));
      default:
        step = nextStep(step, await perform(step, context, inputs, owner, left), context.clock.now());
    }
  }
}

/** What this run's own POST made, or what a run before it left. */
function takingOver(context: ApplicationContext, application: Application, surplus: Application[]): Created {
  const intent = context.intents.takeOver(markOf(application));
  if (intent) {
    context.warn(
      `took over ${named(application)}, which an interrupted run of this stack began to create ${moment(new Date(intent.begun))}`,
    );
  }
  return adopting(context, application, surplus);
}

function adopting(
  context: ApplicationContext,
  application: Application,
  surplus: Application[] = [],
): Created {
  context.adopted.add(application.uuid);
  return { application, adoption: randomUUID(), surplus };
}

async function perform(
  step: Step<Application>,
  context: ApplicationContext,
  inputs: Values,
  owner: Owner,
  left: TimeLeft,
): Promise<Event<Application>> {
  const { signal, clock } = context;
  try {
    if (step.do !== "compare") signal.throwIfAborted();
    if (step.do === "look") return await look(context, inputs, owner, left);
    if (step.do === "post") {
      if (step.attempt === 1) note(context, inputs, owner);
      // The answer is waited for also after a Ctrl-C: with it the application is in the state.
      const created = await post(context, requestOf(inputs, owner));
      return isAnswered(context, created, owner) ? { created } : { doubt: otherAnswer(created) };
    }
    if (step.do === "search") await clock.sleep(step.pause, signal);
    return { found: await findMade(context, inputs, owner) };
  } catch (error) {
    if (step.do !== "post")
      return isTutumApiError(error) && error.retryable ? { unanswered: error } : { refused: error };
    if (isDoubtful(error)) return { doubt: error };
    // Of a second POST the first one may still have been heard.
    if (step.attempt === 1) context.intents.forget(owner.mark);
    return { refused: withoutSecrets(error, inputs) };
  }
}

/**
 * What earlier runs left: what no state can have is taken over when it is as declared, else removed. What a state may
 * have is only told.
 */
async function look(
  context: ApplicationContext,
  inputs: Values,
  owner: Owner,
  timeLeft: TimeLeft,
): Promise<Event<Application>> {
  const { intents } = context;
  const { left, strangers } = await findEarlier(context, inputs, owner);
  const named = [...left, ...strangers].map(markOf);
  const others = (left: Intent[]) => left.filter(({ mark }) => !named.includes(mark));
  await removeLeftovers(context, others(intents.leftBy(inputs.resourceHash)), timeLeft);
  const told = await tellOfLeftovers(context, others(intents.handedOver(inputs.resourceHash)));
  for (const { mark } of told) intents.seen(mark);
  return { found: left, strangers };
}

/** On disk before the request is sent: whatever becomes of this run, the next one knows what it began. */
function note({ client, intents, warn }: ApplicationContext, inputs: Values, { mark, marker }: Owner): void {
  if (marker === undefined) return;
  const { endpoint, userHash } = client;
  const account = typeof inputs.account === "string" ? inputs.account : undefined;
  const [resource, name] = [String(inputs.resourceHash), String(inputs.name)];
  intents.begin({ mark, resource, name, account, endpoint, userHash, begun: new Date().toISOString() }, warn);
}

/** Whether the answer is about what was to be created: a cache or proxy may mix answers up. */
function isAnswered({ known }: ApplicationContext, created: Application, { mark }: Owner): boolean {
  return markOf(created) === mark && !known.has(created.uuid) && !isGone(created.state);
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
  return isTutumApiError(error) ? new ExpectedError(redact(error.message, values)) : error;
}

function isDoubtful(error: unknown): error is TutumApiError {
  return isTutumApiError(error) && error.ambiguous;
}

/** What to do about a creation that nobody heard of again. */
function lookout(inputs: Values, { mark, marker }: Owner): string {
  return marker !== undefined
    ? " If it was created all the same, the next `pulumi up` on this machine finds it by its mark and takes it over."
    : ` It may have been created all the same: look for an application "${inputs.name}" with ${OWNER_VARIABLE}=${mark}.`;
}

function requestOf(inputs: Values, owner: Owner): ApplicationCreate {
  const body = bodyOf(applicationFields, inputs) as unknown as ApplicationCreate;
  const mark = { key: OWNER_VARIABLE, value: owner.mark };
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
