import { type Creation, createOnce, isDoubtful } from "../../resource/lifecycle/create-once";
import { type TimeLeft, timeLeft } from "../../resource/lifecycle/deadline";
import { ExpectedError } from "../../resource/lifecycle/failure";
import { newOwner, type Owner } from "../../resource/lifecycle/ownership-marker";
import type { Values } from "../../resource/table/field";
import { bodyOf } from "../../resource/table/outputs";
import { type Application, type ApplicationCreate, isTutumApiError, TutumApiError } from "../client";
import { isGone } from "../client/states";
import { applicationToAdopt } from "./adopt";
import type { ApplicationContext } from "./context";
import { completed, converge, expectState, settle } from "./converge";
import { applicationFields, OWNER_VARIABLE, withoutAlias } from "./fields";
import type { Intent } from "./intents";
import { awaitArrivals, removeLeftovers, tellOfLeftovers } from "./leftovers";
import { choice, findEarlier, findMade, markOf, moment, named } from "./owner";
import { terminate } from "./terminate";

/** POST, wait for Running; with `running: false` stop then (the API always deploys), and wait for Stopped. */
export async function create(
  context: ApplicationContext,
  inputs: Values,
): Promise<{ id: string; outputs: Values }> {
  const left = timeLeft(context, inputs, "create");
  const { application, adoption, surplus } = await created(context, inputs, left);
  context.ownership.seen(application.uuid, inputs.resourceHash);
  const run = { context, inputs, left, application, adoption };
  try {
    const outputs = await completed(run, async () => {
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

async function created(context: ApplicationContext, inputs: Values, left: TimeLeft): Promise<Created> {
  const existing = await applicationToAdopt(context, inputs);
  if (existing) {
    context.intents.adopted(markOf(existing));
    return adopting(context, existing);
  }
  if (!context.identity) context.announce?.(NO_IDENTITY);
  const owner = newOwner(context.identity, inputs.resourceHash);
  const outcome = await createOnce(creationOf(context, inputs, owner, left), context);
  switch (outcome.do) {
    case "keep":
      return { application: outcome.resource, surplus: outcome.surplus };
    case "adopt":
      return takingOver(context, outcome.resource, outcome.surplus);
    case "stop":
      throw new ExpectedError(choice(context, inputs, outcome.strangers));
    case "fail":
      throw isDoubtful(outcome.error)
        ? new ExpectedError(outcome.error.message + lookout(inputs, owner))
        : outcome.error;
  }
}

const NO_IDENTITY =
  "The stack has no identity: what it creates in a run that is killed is not found again. Give it one: " +
  '`pulumi config set tutum:owner $(node -p "crypto.randomUUID()")`.';

function creationOf(
  context: ApplicationContext,
  inputs: Values,
  owner: Owner,
  left: TimeLeft,
): Creation<Application> {
  return {
    idOf: ({ uuid }) => uuid,
    isRecognised: owner.marker !== undefined,
    look: () => look(context, inputs, owner, left),
    begin: () => note(context, inputs, owner),
    send: () => post(context, requestOf(inputs, owner)),
    doubtAbout: created => (isAnswered(context, created, owner) ? undefined : otherAnswer(created)),
    made: () => findMade(context, inputs, owner),
    refused: () => context.intents.forget(owner.mark),
  };
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
  { ownership }: ApplicationContext,
  application: Application,
  surplus: Application[] = [],
): Created {
  return { application, adoption: ownership.tookOver(application.uuid), surplus };
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
): Promise<{ found: Application[]; strangers: Application[] }> {
  const { intents } = context;
  await awaitArrivals(context, intents.leftBy(inputs.resourceHash));
  const { left, strangers } = await findEarlier(context, inputs, owner);
  const named = [...left, ...strangers].map(markOf);
  const others = (left: Intent[]) => left.filter(({ mark }) => !named.includes(mark));
  await removeLeftovers(context, others(intents.leftBy(inputs.resourceHash)), timeLeft);
  const told = await tellOfLeftovers(context, others(intents.handedOver(inputs.resourceHash)));
  for (const { mark } of told) intents.seen(mark);
  return { found: left, strangers };
}

/** On disk before the request is sent: whatever becomes of this run, the next one knows what it began. */
function note(
  { client, clock, intents, warn }: ApplicationContext,
  inputs: Values,
  { mark, marker }: Owner,
): void {
  if (marker === undefined) return;
  const { endpoint, userHash } = client;
  const account = typeof inputs.account === "string" ? inputs.account : undefined;
  const [resource, name] = [String(inputs.resourceHash), String(inputs.name)];
  const begun = new Date(clock.wall()).toISOString();
  intents.begin({ mark, resource, name, account, endpoint, userHash, begun }, warn);
}

/** Whether the answer is about what was to be created: a cache or proxy may mix answers up. */
function isAnswered({ ownership }: ApplicationContext, created: Application, { mark }: Owner): boolean {
  return markOf(created) === mark && !ownership.isTaken(created.uuid) && !isGone(created.state);
}

function otherAnswer({ name, uuid }: Application): TutumApiError {
  return new TutumApiError({
    message: `Creating application "${name}" failed: the answer is about another application (${uuid}).`,
    method: "POST",
    path: "application/",
    ambiguous: true,
  });
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
