/**
 * Whose application it is: one environment variable on it has its mark. That finds what a creation has made, and keeps
 * PATCH and DELETE off a stranger's.
 */

import { ExpectedError } from "../../resource/lifecycle/failure";
import { markerIn, type Owner } from "../../resource/lifecycle/ownership-marker";
import { diffFields } from "../../resource/table/diff";
import type { Values } from "../../resource/table/field";
import { outputsOf } from "../../resource/table/outputs";
import type { Application } from "../client";
import { parseDatetime } from "../client/datetimes";
import { isGone } from "../client/states";
import type { ApplicationContext } from "./context";
import { applicationFields, OWNER_VARIABLE } from "./fields";
import type { Intent } from "./intents";

export function markOf(application: Application): string | undefined {
  return application.container_envvars.find(({ key }) => key === OWNER_VARIABLE)?.value;
}

/** What this very creation has made. */
export async function findMade(
  context: ApplicationContext,
  inputs: Values,
  { mark }: Owner,
): Promise<Application[]> {
  return (await living(context, inputs)).filter(application => markOf(application) === mark);
}

export interface Earlier {
  /** What interrupted runs of this state left that is as declared: they may be taken over. */
  left: Application[];
  /** As declared and with this resource's marker, and a state may have them. */
  strangers: Application[];
}

/**
 * The applications with this resource's marker that no resource is known to have, sorted by what is known of them.
 * What is not as declared is no candidate for anything.
 */
export async function findEarlier(
  context: ApplicationContext,
  inputs: Values,
  { marker }: Owner,
): Promise<Earlier> {
  const { intents, resources } = context;
  const marks = (left: Intent[]) => new Set(left.map(({ mark }) => mark));
  const cut = marks(intents.leftBy(inputs.resourceHash));
  const handedOver = marks(intents.handedOver(inputs.resourceHash));
  const inState = resources.has(inputs.resourceHash);
  const earlier: Earlier = { left: [], strangers: [] };
  for (const application of await living(context, inputs)) {
    const mark = markOf(application);
    if (mark === undefined) continue;
    if (cut.has(mark)) {
      if (isSame(application, inputs)) earlier.left.push(application);
      continue;
    }
    if (markerIn(mark) !== marker) continue;
    if (handedOver.has(mark)) {
      // What is not as declared is told of with all that this resource's runs left.
      if (isSame(application, inputs)) earlier.strangers.push(application);
      continue;
    }
    // What this state once had whole, and has another one for.
    if (inState && intents.find(mark)) context.warn(predecessor(application));
    else if (isSame(application, inputs)) earlier.strangers.push(application);
    else context.warn(bystander(application));
  }
  return earlier;
}

/** Alive, of this name, and not known to this run: in a replacement the old application carries the same marker. */
async function living(context: ApplicationContext, inputs: Values): Promise<Application[]> {
  const { signal, ownership } = context;
  const { applications } = context.client;
  const found: Application[] = [];
  for await (const { uuid, name, state } of applications.list({ name: String(inputs.name) }, { signal })) {
    if (name !== inputs.name || ownership.isTaken(uuid) || isGone(state)) continue;
    found.push(await applications.get(uuid, { signal }));
  }
  return found;
}

function bystander(application: Application): string {
  return (
    `${named(application)}, ${since(application)}, carries the mark of this resource and is not what is declared. It may ` +
    "be another state's with the same tutum:owner, or what a run on another machine left: it stays as it is."
  );
}

/** Of an older state that is in use again, nobody else would ever name it. */
function predecessor(application: Application): string {
  return (
    `${named(application)}, ${since(application)}, was made by this stack, and the state has another one in its place: ` +
    "`retainOnDelete` kept it, this run is yet to delete it, or it was made after the state was saved that is in use " +
    `again. It is not taken over. If no state has it, a resource with adopt: "${application.uuid}" takes it back.`
  );
}

const UNKNOWN_ORIGIN =
  "Nothing on this machine shows that an interrupted run of this stack left it, so another state with the same " +
  "tutum:owner may have it: in another backend, from a backup, or of a stack that was removed.";

const INTERRUPTED =
  "A run of this stack that was interrupted made it, and Pulumi may have saved it: if the state was moved, removed or " +
  "restored since, another state may have it.";

/** What to do about applications that may be another state's. */
export function choice({ intents }: ApplicationContext, inputs: Values, strangers: Application[]): string {
  const [first] = strangers;
  const stage = intents.find((first && markOf(first)) ?? "")?.stage;
  const list = strangers.map(one => `${named(one)}, ${since(one)}`).join("; ");
  return (
    `Creating application "${inputs.name}" stopped, and nothing was changed: there is ${list}, with the mark of this ` +
    `resource. ${stage === "returned" ? INTERRUPTED : UNKNOWN_ORIGIN}\n` +
    `  No other state has it: give the resource the argument adopt: "${first?.uuid}". So it is after a run that was ` +
    "killed, here or on another machine, and after the stack or its state was removed or restored.\n" +
    "  It is another state's: leave it, and let this stack make its own under an identity of its own: " +
    '`pulumi config set tutum:owner $(node -p "crypto.randomUUID()")`\n' +
    "  It is the one that `--replace` is to replace: change `triggers` instead.\n" +
    "  To find out: `pulumi whoami --verbose` names the backend in use, `pulumi stack ls --all` its stacks; look for the uuid " +
    "in `pulumi stack --show-ids` of the others."
  );
}

/** Throws when the application carries another mark than the one in the state. */
export function expectOwn(application: Application, oldOutputs: Values, doing: string): void {
  const { owner } = oldOutputs;
  if (owner === undefined || markOf(application) === owner) return;
  throw new ExpectedError(
    `${doing} application ${application.unique_name} (${application.uuid}) is refused: it carries the mark of another ` +
      "stack or resource, so it is not the one that this resource created. If it was taken over on purpose, remove the " +
      "resource with `pulumi state delete`.",
  );
}

export function named({ unique_name, uuid }: Application): string {
  return `application ${unique_name} (${uuid})`;
}

/** `deployed on 2026-11-27 at 12:03 UTC`. */
export function since({ deployed_datetime }: Application): string {
  const at = parseDatetime(deployed_datetime);
  return at ? `deployed ${moment(at)}` : "not deployed yet";
}

/** `on 2026-11-27 at 12:03 UTC`. */
export function moment(at: Date): string {
  const text = at.toISOString();
  return `on ${text.slice(0, 10)} at ${text.slice(11, 16)} UTC`;
}

function isSame(application: Application, inputs: Values): boolean {
  const changes = diffFields(applicationFields, outputsOf(applicationFields, application, inputs), inputs);
  // `triggers` is in no application: what it would replace cannot be told apart.
  return Object.values(changes).every(change => !change.replace);
}
