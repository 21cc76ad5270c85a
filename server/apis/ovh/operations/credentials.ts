/** Consumer keys: asked for with rules, validated or refused by the end user, expired or logged out. */
import { badField, noSuchObject } from "../errors";
import { dateOf } from "../model/dates";
import { letters, ownCredential } from "../model/new-account";
import { type Application, type Credential, type CredentialStatus, idOf, type Rule } from "../model/records";
import { METHODS } from "../model/rules";
import type { Books } from "./books";
import { BodyReader, type Fields, listOf, nullable, oneOf, text } from "./fields";

const MAX_RULES = 1_000;
const MAX_ADDRESSES = 100;
/** Nobody is asked for longer than this. */
const PENDING_MS = 24 * 60 * 60_000;
/** Of those that nobody has answered: the oldest goes. */
const MAX_PENDING = 1_000;
const STATUSES = ["expired", "pendingValidation", "refused", "validated"] as const;

export function statusOf({ status, creation, expiration }: Credential, now: number): CredentialStatus {
  const end = status === "pendingValidation" ? creation + PENDING_MS : expiration;
  return status !== "refused" && end !== null && now >= end ? "expired" : status;
}

export function applicationOf({ ledger }: Books, key: string): Application | undefined {
  return ledger.all("applications").find(({ applicationKey }) => applicationKey === key);
}

export function credentialOf({ ledger }: Books, consumerKey: string): Credential | undefined {
  return ledger.all("credentials").find(each => each.consumerKey === consumerKey);
}

/** A key for the commands that the server is started for: another one when the last was removed or logged out. */
export async function ensureOwnCredential({ ledger, clock, random }: Books): Promise<Credential> {
  const now = clock.now();
  const own = ledger.all("credentials").find(each => each.own && statusOf(each, now) === "validated");
  if (own) return own;
  const made = ownCredential(random, now, nextId(ledger.all("credentials")));
  await ledger.change({ credentials: [made] });
  return made;
}

/** `isNetwork` tells what is an address or a network. */
export async function requestCredential(
  books: Books,
  application: Application,
  body: unknown,
  isNetwork: (text: string) => boolean,
): Promise<Credential> {
  const { ledger, clock, random } = books;
  const reader = new BodyReader(body, ["accessRules", "redirection", "allowedIPs"]);
  const rules = reader.required("accessRules", "a list of rules", listOf(rule, MAX_RULES));
  const redirection = reader.optional("redirection", "an http or https URL", nullable(webAddress));
  const network = (value: unknown) => (typeof value === "string" && isNetwork(value) ? value : undefined);
  const allowedIPs = reader.optional(
    "allowedIPs",
    "a list of addresses and networks",
    nullable(listOf(network, MAX_ADDRESSES)),
  );
  const all = ledger.all("credentials");
  const pending = all.filter(({ status }) => status === "pendingValidation");
  const credentialId = nextId(all);
  const credential: Credential = {
    id: idOf.credential(credentialId),
    credentialId,
    applicationId: application.applicationId,
    consumerKey: letters(random, 32),
    token: letters(random, 64),
    status: "pendingValidation",
    rules,
    allowedIPs: allowedIPs ?? null,
    redirection: redirection ?? null,
    creation: clock.now(),
    expiration: null,
  };
  const oldest = pending.length >= MAX_PENDING ? pending.slice(0, 1) : [];
  await ledger.change(
    { credentials: [credential] },
    oldest.map(({ id }) => id),
  );
  return credential;
}

/** The answer of the end user, given once; `validity` in seconds, null: for ever. Undefined: it was given before. */
export async function decide(
  { ledger, clock }: Books,
  credential: Credential,
  answer: "yes" | "no",
  validity: number | null,
): Promise<Credential | undefined> {
  const now = clock.now();
  if (statusOf(credential, now) !== "pendingValidation") return undefined;
  const decided: Credential =
    answer === "no"
      ? { ...credential, status: "refused" }
      : {
          ...credential,
          status: "validated",
          expiration: validity === null ? null : now + validity * 1_000,
        };
  await ledger.change({ credentials: [decided] });
  return decided;
}

export async function logOut({ ledger, clock }: Books, credential: Credential): Promise<null> {
  await ledger.change({ credentials: [{ ...credential, status: "expired", expiration: clock.now() }] });
  return null;
}

export async function removeCredential(books: Books, id: string): Promise<null> {
  const { ledger } = books;
  await ledger.change({}, [found(books, id).id]);
  return null;
}

export function listCredentials({ ledger, clock }: Books, query: Record<string, string>): number[] {
  const status = query.status === undefined ? undefined : oneOf(STATUSES)(query.status);
  if (query.status !== undefined && status === undefined)
    throw badField("status", `Given data does not belong to the statuses: ${STATUSES.join(", ")}`);
  const now = clock.now();
  return ledger
    .all("credentials")
    .filter(each => query.applicationId === undefined || String(each.applicationId) === query.applicationId)
    .filter(each => status === undefined || statusOf(each, now) === status)
    .map(({ credentialId }) => credentialId);
}

export function getCredential(books: Books, id: string, lastUse: (id: string) => number | undefined): Fields {
  const credential = found(books, id);
  return viewOf(credential, books.clock.now(), lastUse(credential.id));
}

/** Never with the key itself. */
export function viewOf(credential: Credential, now: number, lastUse: number | undefined): Fields {
  const { credentialId, applicationId, rules, allowedIPs, creation, expiration } = credential;
  return {
    credentialId,
    applicationId,
    status: statusOf(credential, now),
    rules,
    creation: dateOf(creation),
    expiration: expiration === null ? null : dateOf(expiration),
    lastUse: lastUse === undefined ? null : dateOf(lastUse),
    allowedIPs,
    ovhSupport: false,
  };
}

export function listApplications({ ledger }: Books): number[] {
  return ledger.all("applications").map(({ applicationId }) => applicationId);
}

export function getApplication({ ledger }: Books, id: string): Fields {
  const application = ledger.find("applications", idOf.application(Number(id)));
  if (!application) throw noSuchObject(id);
  const { applicationId, applicationKey, name, description, status } = application;
  return { applicationId, applicationKey, name, description, status };
}

function found({ ledger }: Books, id: string): Credential {
  const credential = ledger.find("credentials", idOf.credential(Number(id)));
  if (!credential) throw noSuchObject(id);
  return credential;
}

function rule(value: unknown): Rule | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { method, path } = value as Partial<Record<keyof Rule, unknown>>;
  const known = oneOf(METHODS)(method);
  return known && typeof path === "string" && path.startsWith("/") ? { method: known, path } : undefined;
}

/** What else a browser could be sent to is none of ours. */
function webAddress(value: unknown): string | undefined {
  const address = text(value);
  return address !== undefined && /^https?:\/\//i.test(address) && URL.canParse(address)
    ? address
    : undefined;
}

function nextId(credentials: readonly Credential[]): number {
  return credentials.reduce((last, { credentialId }) => Math.max(last, credentialId), 0) + 1;
}
