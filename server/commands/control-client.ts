/** Talks to the server that runs on a data folder, with the token kept there. */
import { type IncomingMessage, request } from "node:http";
import type { TutumState } from "../apis/tutum/api";
import type { Addresses } from "../host/control/address-routes";
import { LOCK_HEADER } from "../host/control/control";
import type { ControlState } from "../host/control/server-routes";
import { UserError } from "../host/errors";
import { readRunning } from "../host/storage/data-folder";
import { livingHolder } from "../host/storage/lock";
import { readSettings } from "../host/storage/settings";

export type ServerState = ControlState & TutumState;

export interface Connection {
  /** What the server of this folder holds, and that of a copy of it does not; the first version has none. */
  lock: string | undefined;
  url: string;
  user: string;
  apikey: string;
  token: string;
}

export interface Lease {
  connection: Connection;
  /** Resolves when the server is gone although the lease is still held. */
  lost: Promise<void>;
  /** Gives it back; true when the server ends because it was the last one. */
  release(): Promise<boolean>;
}

export interface ControlAnswer {
  status: number;
  body: unknown;
}

const TIMEOUT_MS = 10_000;
/** Real containers are given time to end. */
const RESET_MS = 120_000;

/**
 * What the folder says about its server; undefined when it says that none runs. In a copy of a folder nobody holds
 * the lock, though it says where another folder's server answers.
 */
export async function connectionOf(folder: string): Promise<Connection | undefined> {
  const running = readRunning(folder);
  const settings = readSettings(folder);
  if (!running) return undefined;
  const holder = await livingHolder(folder);
  if (!holder || !settings?.user || !settings.apikey) return undefined;
  const { user, apikey, controlToken } = settings;
  return { url: running.url, lock: holder.token, user, apikey, token: controlToken };
}

/** Undefined when nobody answers there, or not the server of this folder. */
export async function stateOf(connection: Connection): Promise<ServerState | undefined> {
  return succeeded<ServerState>(await call(connection, "GET", "/_tutum/state"));
}

/** The other APIs of the server; undefined when it does not answer, or is of a version that has none. */
export async function addressesOf(connection: Connection): Promise<Addresses | undefined> {
  return succeeded<Addresses>(await call(connection, "GET", "/_tutum/apis"));
}

export async function resetRunning(connection: Connection): Promise<number> {
  const answer = await call(connection, "POST", "/_tutum/reset", { confirm: true }, RESET_MS);
  if (!answer) throw new UserError(`the server at ${connection.url} does not answer`);
  const done = succeeded<{ removed: number }>(answer);
  if (!done) throw new UserError((answer.body as { error: string }).error);
  return done.removed;
}

/** What the server says to being told to end: 200 when it does. */
export function stopRunning(connection: Connection): Promise<ControlAnswer | undefined> {
  return call(connection, "POST", "/_tutum/stop", {});
}

/** The answer's status and body; undefined when the server does not answer. */
export function seedRunning(connection: Connection, seed: object): Promise<ControlAnswer | undefined> {
  return call(connection, "POST", "/_tutum/seed", seed);
}

/** Undefined when the server does not answer, or is about to end. */
export function openLease(connection: Connection): Promise<Lease | undefined> {
  return new Promise(resolve => {
    const outgoing = send(connection, "POST", "/_tutum/lease", answer => {
      if (answer.statusCode !== 200) {
        answer.resume();
        resolve(undefined);
        return;
      }
      // Only the connection counts from here on: it stays open and silent.
      outgoing.setTimeout(0);
      const lost = new Promise<void>(gone => answer.on("close", gone));
      answer.once("data", (line: Buffer) => {
        const { lease } = JSON.parse(line.toString()) as { lease: string };
        resolve({ connection, lost, release: () => releaseLease(connection, lease) });
      });
    });
    outgoing.on("error", () => resolve(undefined));
  });
}

async function releaseLease(connection: Connection, lease: string): Promise<boolean> {
  const answer = await call(connection, "DELETE", `/_tutum/lease/${lease}`);
  return succeeded<{ last: boolean }>(answer)?.last === true;
}

function succeeded<T>(answer: ControlAnswer | undefined): T | undefined {
  return answer?.status === 200 ? (answer.body as T) : undefined;
}

function call(
  connection: Connection,
  method: string,
  path: string,
  body?: object,
  timeout = TIMEOUT_MS,
): Promise<ControlAnswer | undefined> {
  return new Promise(resolve => {
    const read = async (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: answer.statusCode ?? 0, body: text ? JSON.parse(text) : undefined });
    };
    const outgoing = send(
      connection,
      method,
      path,
      answer => void read(answer).catch(() => resolve(undefined)),
      body,
      timeout,
    );
    outgoing.on("error", () => resolve(undefined));
  });
}

function send(
  connection: Connection,
  method: string,
  path: string,
  answered: (answer: IncomingMessage) => void,
  body?: object,
  timeout = TIMEOUT_MS,
) {
  const headers = {
    Authorization: `Bearer ${connection.token}`,
    "Content-Type": "application/json",
    ...(connection.lock === undefined ? {} : { [LOCK_HEADER]: connection.lock }),
  };
  const outgoing = request(`${connection.url}${path}`, { method, headers, agent: false, timeout }, answered);
  outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
  outgoing.end(body && JSON.stringify(body));
  return outgoing;
}
