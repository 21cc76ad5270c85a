/** What a new account has, so that programs have something to look at at once; and the keys of its application. */
import type { Random } from "../../../host/ports/random";
import { recordsOf } from "./record-ids";
import {
  type Account,
  type Application,
  type Bill,
  type Credential,
  type DedicatedServer,
  type Instance,
  idOf,
  type Kept,
  type RecordFields,
  type Zone,
} from "./records";
import { FULL_RIGHTS } from "./rules";

type Collections = { [Name in keyof Kept]: Kept[Name][] };

const APPLICATION_ID = 1;
const MONTH_MS = 30 * 24 * 60 * 60_000;
const NAME_SERVERS = ["dns106.ovh.net", "ns106.ovh.net"];

export function newApplication(random: Random): Application {
  return {
    id: idOf.application(APPLICATION_ID),
    applicationId: APPLICATION_ID,
    applicationKey: letters(random, 16),
    applicationSecret: letters(random, 32),
    name: "tutum-server",
    description: "Made with the account",
    status: "active",
  };
}

/** Validated, with full rights, for ever. */
export function ownCredential(random: Random, now: number, credentialId: number): Credential {
  return {
    id: idOf.credential(credentialId),
    credentialId,
    applicationId: APPLICATION_ID,
    consumerKey: letters(random, 32),
    token: letters(random, 64),
    status: "validated",
    rules: [...FULL_RIGHTS],
    allowedIPs: null,
    redirection: null,
    creation: now,
    expiration: null,
    own: true,
  };
}

export function newAccount(random: Random, now: number): Omit<Collections, "applications" | "credentials"> {
  const { zone, records } = newZone(random, now, "example.org", [
    { fieldType: "A", subDomain: "", target: "192.0.2.10", ttl: 0 },
  ]);
  return {
    accounts: [ACCOUNT],
    bills: [
      newBill({ billId: "FR1001", date: now - 2 * MONTH_MS, orderId: 1001, priceWithoutTax: 49.99 }),
      newBill({ billId: "FR1002", date: now - MONTH_MS, orderId: 1002, priceWithoutTax: 10 }),
    ].map(initially),
    servers: [
      newServer("ns1.ip-192-0-2.eu", { serverId: 1, ip: "192.0.2.1", datacenter: "sbg1" }),
      newServer("ns2.ip-192-0-2.eu", { serverId: 2, ip: "192.0.2.2", datacenter: "rbx1" }),
      newServer("ns3.ip-192-0-2.eu", { serverId: 3, ip: "192.0.2.3", datacenter: "sbg1" }),
    ].map(initially),
    instances: [initially(newInstance("web-1", { ip: "198.51.100.7", region: "BHS-1" }))],
    zones: [initially(zone)],
    records,
  };
}

function initially<T extends object>(record: T): T & { initial: true } {
  return { ...record, initial: true };
}

const ACCOUNT: Account = {
  id: "me",
  fields: {
    nichandle: "ab12345-ovh",
    firstname: "Ada",
    name: "Byron",
    email: "ada@example.org",
    country: "FR",
    currency: { code: "EUR", symbol: "€" },
    language: "en_GB",
    legalform: "individual",
    ovhCompany: "ovh",
    ovhSubsidiary: "FR",
    state: "complete",
    organisation: "",
    address: "1 Quai du Bassin",
    zip: "59100",
    city: "Roubaix",
    phone: "+33.123456789",
    spareEmail: null,
    fax: "",
    vat: "",
  },
};

const TAX = 0.2;

export function newBill(given: Partial<Bill> & { billId: string; date: number }): Bill {
  const { priceWithoutTax = 0, billId } = given;
  return {
    id: idOf.bill(billId),
    orderId: 0,
    category: "autorenew",
    password: "bill",
    priceWithTax: Math.round(priceWithoutTax * (1 + TAX) * 100) / 100,
    ...given,
    priceWithoutTax,
  };
}

export function newServer(name: string, fields: Record<string, unknown> = {}): DedicatedServer {
  const datacenter = typeof fields.datacenter === "string" ? fields.datacenter : "gra1";
  return {
    id: idOf.server(name),
    name,
    fields: {
      serverId: 0,
      ip: "192.0.2.1",
      reverse: `${name}.`,
      datacenter,
      os: "debian12_64",
      state: "ok",
      powerState: "poweron",
      monitoring: true,
      rack: `${datacenter.toUpperCase()}01A01`,
      commercialRange: "EG-32",
      linkSpeed: 1_000,
      supportLevel: "pro",
      bootId: 1,
      bootScript: null,
      efiBootloaderPath: null,
      rootDevice: null,
      rescueMail: null,
      rescueSshKey: null,
      professionalUse: false,
      noIntervention: false,
      newUpgradeSystem: true,
      region: `eu-west-${datacenter.replace(/\d+$/, "")}`,
      availabilityZone: `eu-west-${datacenter.replace(/\d+$/, "")}-a`,
      ...fields,
    },
    burst: { status: "inactive", capacity: { unit: "mbps", value: 1_000 } },
  };
}

export function newInstance(name: string, fields: Record<string, string> = {}): Instance {
  return {
    id: idOf.instance(name),
    fields: {
      instanceId: name,
      ip: "198.51.100.1",
      region: "BHS-1",
      status: "ACTIVE",
      ...fields,
      name,
    },
  };
}

/** With its name servers as records, all of it live. */
export function newZone(random: Random, now: number, name: string, given: readonly RecordFields[]) {
  const live: RecordFields[] = [
    ...NAME_SERVERS.map(server => ({ fieldType: "NS", subDomain: "", target: `${server}.`, ttl: 0 })),
    ...given,
  ];
  const zone: Zone = {
    id: idOf.zone(name),
    name,
    nameServers: NAME_SERVERS,
    refreshed: now,
    serial: 1,
    live,
  };
  return { zone, records: recordsOf(random, name, live) };
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** That nobody can guess. */
export function letters(random: Random, length: number): string {
  let text = "";
  while (text.length < length) {
    const digits = random.token();
    for (let at = 0; at + 2 <= digits.length && text.length < length; at += 2) {
      const number = Number.parseInt(digits.slice(at, at + 2), 16);
      // Those that would make the first letters likelier than the others are left out.
      if (number < 4 * LETTERS.length) text += LETTERS[number % LETTERS.length];
    }
  }
  return text;
}
