/** Dedicated servers with their burst, and the instances of RunAbove. */
import { noSuchService } from "../errors";
import { type DedicatedServer, idOf } from "../model/records";
import type { Books } from "./books";
import { BodyReader, type Fields, flag, integer, nullable, oneOf, text } from "./fields";

const BURSTS = ["active", "inactive", "inactiveLocked"] as const;
const STATES = ["error", "hacked", "hackedBlocked", "ok"] as const;

export function listServers({ ledger }: Books): string[] {
  return ledger.all("servers").map(({ name }) => name);
}

export function getServer(books: Books, name: string): Fields {
  return { name, ...found(books, name).fields };
}

/** What is there and cannot be written may be sent back as it was read. */
export async function updateServer({ ledger, ...books }: Books, name: string, body: unknown): Promise<null> {
  const { initial, ...server } = found({ ledger, ...books }, name);
  const reader = new BodyReader(body, ["name", ...Object.keys(server.fields)]);
  const id = nullable(integer(0));
  const words = nullable(text);
  const given: Fields = {
    bootId: reader.optional("bootId", "a number", id),
    bootScript: reader.optional("bootScript", "a text", words),
    efiBootloaderPath: reader.optional("efiBootloaderPath", "a text", words),
    monitoring: reader.optional("monitoring", "true and false", flag),
    noIntervention: reader.optional("noIntervention", "true and false", flag),
    rescueMail: reader.optional("rescueMail", "a text", words),
    rescueSshKey: reader.optional("rescueSshKey", "a text", words),
    rootDevice: reader.optional("rootDevice", "a text", words),
    state: reader.optional("state", `the states: ${STATES.join(", ")}`, oneOf(STATES)),
  };
  const changed = Object.entries(given).filter(([, value]) => value !== undefined);
  const fields = { ...server.fields, ...Object.fromEntries(changed) };
  await ledger.change({ servers: [{ ...server, fields }] });
  return null;
}

export function getBurst(books: Books, name: string): Fields {
  return { ...found(books, name).burst };
}

export async function updateBurst(books: Books, name: string, body: unknown): Promise<null> {
  const { initial, ...server } = found(books, name);
  const reader = new BodyReader(body, ["status", "capacity"]);
  const status = reader.required("status", `the statuses: ${BURSTS.join(", ")}`, oneOf(BURSTS));
  await books.ledger.change({ servers: [{ ...server, burst: { ...server.burst, status } }] });
  return null;
}

export function listInstances({ ledger }: Books): Fields[] {
  return ledger.all("instances").map(({ fields }) => fields);
}

function found({ ledger }: Books, name: string): DedicatedServer {
  const server = ledger.find("servers", idOf.server(name));
  if (!server) throw noSuchService();
  return server;
}
