/** A zone as OVH exports it: the text of a zone file. */
import { DEFAULT_TTL } from "./record-types";
import type { RecordFields, Zone } from "./records";

export const SOA = { rname: "tech.ovh.net", refresh: 86_400, retry: 3_600, expire: 3_600_000, minimum: 60 };

export function primaryOf({ name, nameServers }: Zone): string {
  return nameServers[0] ?? name;
}

export function zoneFile(zone: Zone, records: readonly RecordFields[]): string {
  const { refresh, retry, expire, minimum } = SOA;
  const numbers = `(${zone.serial} ${refresh} ${retry} ${expire} ${minimum})`;
  const lines = records.map(({ fieldType, subDomain, target, ttl }) => {
    const type = ["DKIM", "DMARC", "SPF"].includes(fieldType) ? "TXT" : fieldType;
    return `${subDomain}\t${ttl === 0 ? "" : `${ttl}\t`}IN ${type}\t${target}`;
  });
  return [`$TTL ${DEFAULT_TTL}`, `@\tIN SOA ${primaryOf(zone)}. ${SOA.rname}. ${numbers}`, ...lines, ""].join(
    "\n",
  );
}
