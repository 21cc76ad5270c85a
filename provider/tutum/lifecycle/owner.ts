/**
 * Whose application it is: one environment variable on it, made from the stack's identity and the resource's URN.
 * It finds the application again whose creation was not heard of, and keeps PATCH and DELETE off a stranger's.
 */
import { createHash, randomUUID } from "node:crypto";
import { diffFields } from "../../resource/diff";
import { ExpectedError } from "../../resource/failure";
import type { Values } from "../../resource/field";
import { outputsOf } from "../../resource/outputs";
import type { Application } from "../client";
import type { ApplicationContext } from "./context";
import { applicationFields, OWNER_VARIABLE } from "./fields";

export interface Owner {
  marker: string;
  /** The same in every run: an application that carries it may be of a run that was killed. */
  stable: boolean;
}

/** Without a stack identity (`tutum:owner`) the marker is of this one creation only. */
export function ownerOf(context: ApplicationContext, inputs: Values): Owner {
  const { identity } = context;
  if (!identity || typeof inputs.resourceHash !== "string")
    return { marker: randomUUID().replaceAll("-", ""), stable: false };
  const marker = createHash("sha256").update(`${identity} ${inputs.resourceHash}`).digest("hex").slice(0, 32);
  return { marker, stable: true };
}

export function markerOf(application: Application): string | undefined {
  return application.container_envvars.find(({ key }) => key === OWNER_VARIABLE)?.value;
}

/**
 * The applications that a lost creation of these inputs can have made: the same marker and immutable fields, alive,
 * and not known to this run (in a replacement the old application carries the same marker).
 */
export async function findOwn(
  context: ApplicationContext,
  inputs: Values,
  owner: Owner,
): Promise<Application[]> {
  const { signal } = context;
  const { applications } = context.client;
  const own: Application[] = [];
  for await (const { uuid, name, state } of applications.list({ name: String(inputs.name) }, { signal })) {
    if (name !== inputs.name || context.known.has(uuid) || ["Terminating", "Terminated"].includes(state))
      continue;
    const application = await applications.get(uuid, { signal });
    if (markerOf(application) !== owner.marker) continue;
    if (isSame(application, inputs)) own.push(application);
    else context.warn(leftOver(application));
  }
  return own;
}

function leftOver({ unique_name, uuid }: Application): string {
  return (
    `application ${unique_name} (${uuid}) carries the mark of this resource and is not what is declared now. ` +
    "Terminate it if it is left over from a run that was killed."
  );
}

/** Throws when the application carries another marker than the one in the state. */
export function expectOwn(application: Application, oldOutputs: Values, doing: string): void {
  const { owner } = oldOutputs;
  if (owner === undefined || markerOf(application) === owner) return;
  throw new ExpectedError(
    `${doing} application ${application.unique_name} (${application.uuid}) is refused: it carries the mark of another ` +
      "stack or resource, so it is not the one that this resource created. If it was taken over on purpose, remove the " +
      "resource with `pulumi state delete`.",
  );
}

function isSame(application: Application, inputs: Values): boolean {
  const changes = diffFields(applicationFields, outputsOf(applicationFields, application, inputs), inputs);
  // `triggers` is in no application: what it would replace cannot be told apart.
  return Object.values(changes).every(change => !change.replace);
}
