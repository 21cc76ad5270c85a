/** Talks to the server that runs on a data folder, with the token kept there. */
import { type IncomingMessage, request } from "node:http";
import { UserError } from "../errors";
import type { ControlState } from "../routes/control";
import { readRunning, readSettings } from "../storage/data-folder";

export interface Connection {
  pid: number;
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

const TIMEOUT_MS = 10_000;

/** What the folder says about its server; undefined when it says that none runs. */
export function connectionOf(folder: string): Connection | undefined {
  const running = readRunning(folder);
  const settings = readSettings(folder);
  if (!running || !settings?.user || !settings.apikey) return undefined;
  return { ...running, user: settings.user, apikey: settings.apikey, token: settings.controlToken };
}

/** Undefined when nobody answers there, or not the server of this folder. */
export async function stateOf(connection: Connection): Promise<ControlState | undefined> {
  return (await call(connection, "GET", "/_tutum/state")) as ControlState | undefined;
}

export async function resetRunning(connection: Connection): Promise<number> {
  const answer = (await call(connection, "POST", "/_tutum/reset")) as { removed: number } | undefined;
  if (!answer) throw new UserError(`the server at ${connection.url} does not answer`);
  return answer.removed;
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
  const answer = (await call(connection, "DELETE", `/_tutum/lease/${lease}`)) as
    | { last: boolean }
    | undefined;
  return answer?.last === true;
}

function call(connection: Connection, method: string, path: string): Promise<unknown> {
  return new Promise(resolve => {
    const outgoing = send(connection, method, path, async answer => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      try {
        resolve(answer.statusCode === 200 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined);
      } catch {
        resolve(undefined);
      }
    });
    outgoing.on("error", () => resolve(undefined));
  });
}

function send(
  connection: Connection,
  method: string,
  path: string,
  answered: (answer: IncomingMessage) => void,
) {
  const headers = { Authorization: `Bearer ${connection.token}` };
  const outgoing = request(
    `${connection.url}${path}`,
    { method, headers, agent: false, timeout: TIMEOUT_MS },
    answered,
  );
  outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
  outgoing.end();
  return outgoing;
}
