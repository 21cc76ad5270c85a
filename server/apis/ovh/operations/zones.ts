/** Zones and their records: a change is live only after a refresh. */
import { isName } from "../../../host/dns/names";
import { readData } from "../../../host/dns/record-data";
import { badField, noSuchObject, noSuchService } from "../errors";
import { dateOf } from "../model/dates";
import { newRecordId } from "../model/record-ids";
import { FIELD_TYPES, MAX_TTL } from "../model/record-types";
import { idOf, type RecordFields, type Zone, type ZoneRecord } from "../model/records";
import { zoneFile } from "../model/zone-file";
import type { Books } from "./books";
import { BodyReader, type Fields, integer, oneOf, text } from "./fields";

const MAX_RECORDS = 10_000;
const MAX_TARGET = 4_096;

export function listZones({ ledger }: Books): string[] {
  return ledger.all("zones").map(({ name }) => name);
}

export function getZone(books: Books, zone: string): Fields {
  const { name, nameServers, refreshed } = found(books, zone);
  return {
    name,
    nameServers,
    lastUpdate: dateOf(refreshed),
    dnssecActivated: false,
    dnssecSupported: true,
    hasDnsAnycast: false,
  };
}

export function listRecords(books: Books, zone: string, query: Record<string, string>): number[] {
  const { fieldType, subDomain } = query;
  if (fieldType !== undefined) readType(fieldType);
  return recordsIn(books, found(books, zone))
    .filter(record => fieldType === undefined || record.fieldType === fieldType)
    .filter(record => subDomain === undefined || record.subDomain === subDomain)
    .map(({ recordId }) => recordId);
}

export function getRecord(books: Books, zone: string, id: string): Fields {
  return viewOf(foundRecord(books, zone, id));
}

export async function addRecord(books: Books, zoneName: string, body: unknown): Promise<Fields> {
  const { ledger, random } = books;
  const zone = found(books, zoneName);
  const fields = readRecord(body, zone.name);
  if (recordsIn(books, zone).length >= MAX_RECORDS)
    throw badField("zone", `A zone has ${MAX_RECORDS} records at most`);
  const recordId = unusedId(books);
  const record: ZoneRecord = { ...fields, id: idOf.record(recordId), recordId, zone: zone.name };
  await ledger.change({ zones: [touched(zone)], records: [record] });
  return viewOf(record);

  function unusedId({ ledger }: Books): number {
    for (;;) {
      const id = newRecordId(random);
      if (!ledger.find("records", idOf.record(id))) return id;
    }
  }
}

/** The type stays, and so does what is not given; what was read may be sent back. */
export async function updateRecord(books: Books, zone: string, id: string, body: unknown): Promise<null> {
  const before = foundRecord(books, zone, id);
  const reader = new BodyReader(body, ["id", "zone", "fieldType", "subDomain", "target", "ttl"]);
  const { subDomain, target, ttl } = before;
  const fields = checked(
    {
      fieldType: before.fieldType,
      subDomain: reader.optional("subDomain", "a text", text) ?? subDomain,
      target: reader.optional("target", "a text", text) ?? target,
      ttl: reader.optional("ttl", TTL, integer(0, MAX_TTL)) ?? ttl,
    },
    zone,
  );
  await books.ledger.change({ zones: [touched(found(books, zone))], records: [{ ...before, ...fields }] });
  return null;
}

export async function removeRecord(books: Books, zone: string, id: string): Promise<null> {
  const record = foundRecord(books, zone, id);
  await books.ledger.change({ zones: [touched(found(books, zone))] }, [record.id]);
  return null;
}

export async function refresh(books: Books, name: string, body: unknown): Promise<null> {
  new BodyReader(body, []);
  const { ledger, clock } = books;
  const zone = found(books, name);
  const live = recordsIn(books, zone).map(fieldsOf);
  await ledger.change({
    zones: [{ ...touched(zone), live, refreshed: clock.now(), serial: zone.serial + 1 }],
  });
  return null;
}

export function exportZone(books: Books, name: string): string {
  const zone = found(books, name);
  return zoneFile(zone, recordsIn(books, zone));
}

/** Of a new one: `subDomain` and `ttl` may be left out. */
export function readRecord(body: unknown, zone: string): RecordFields {
  const reader = new BodyReader(body, ["fieldType", "subDomain", "target", "ttl"]);
  return checked(
    {
      fieldType: readType(reader.required("fieldType", "a text", text)),
      target: reader.required("target", "a text", text),
      subDomain: reader.optional("subDomain", "a text", value => (value === null ? "" : text(value))) ?? "",
      ttl: reader.optional("ttl", TTL, value => (value === null ? 0 : integer(0, MAX_TTL)(value))) ?? 0,
    },
    zone,
  );
}

const TTL = `the numbers from 0 to ${MAX_TTL}`;

function checked(fields: RecordFields, zone: string): RecordFields {
  const { fieldType, subDomain, target } = fields;
  if (subDomain !== "" && !isName(`${subDomain}.${zone}`))
    throw badField("subDomain", "Given data does not belong to a name in the zone");
  // Nothing here answers for where something is: what such a record says is not looked at.
  const isKnown = fieldType === "LOC" || readData(fieldType, target, zone) !== undefined;
  if (target === "" || target.length > MAX_TARGET || /[\r\n]/.test(target) || !isKnown)
    throw badField("target", `Given data does not belong to a target of ${fieldType}`);
  return fields;
}

function readType(fieldType: string): string {
  const known = oneOf(FIELD_TYPES)(fieldType);
  if (known === undefined)
    throw badField("fieldType", `Given data does not belong to the types: ${FIELD_TYPES.join(", ")}`);
  return known;
}

function found({ ledger }: Books, name: string): Zone {
  const zone = ledger.find("zones", idOf.zone(name.toLowerCase()));
  if (!zone) throw noSuchService();
  return zone;
}

function foundRecord(books: Books, zone: string, id: string): ZoneRecord {
  const { name } = found(books, zone);
  const record = /^\d+$/.test(id) ? books.ledger.find("records", idOf.record(Number(id))) : undefined;
  if (record?.zone !== name) throw noSuchObject(id);
  return record;
}

export function recordsIn({ ledger }: Books, { name }: Zone): ZoneRecord[] {
  return ledger.all("records").filter(({ zone }) => zone === name);
}

/** Somebody's from now on: no seed takes its place. */
function touched({ initial, ...zone }: Zone): Zone {
  return zone;
}

function fieldsOf({ fieldType, subDomain, target, ttl }: ZoneRecord): RecordFields {
  return { fieldType, subDomain, target, ttl };
}

function viewOf(record: ZoneRecord): Fields {
  return { id: record.recordId, zone: record.zone, ...fieldsOf(record) };
}
