/** Ids of records: numbers that no other record has had, beyond what 32 bits hold. */
import type { Random } from "../../../host/ports/random";
import { idOf, type RecordFields, type ZoneRecord } from "./records";

const FIRST = 5_000_000_000;
/** Hexadecimal digits: some 68 thousand million ids. */
const DIGITS = 9;

export function newRecordId(random: Random): number {
  return FIRST + Number.parseInt(random.token().slice(0, DIGITS), 16);
}

export function recordsOf(random: Random, zone: string, fields: readonly RecordFields[]): ZoneRecord[] {
  return fields.map(each => {
    const recordId = newRecordId(random);
    return { ...each, id: idOf.record(recordId), recordId, zone };
  });
}
