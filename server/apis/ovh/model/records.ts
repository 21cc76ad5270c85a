/** What is kept: plain records, never changed, only replaced. Their ids are of one space. */

export interface Rule {
  method: string;
  path: string;
}

export type CredentialStatus = "pendingValidation" | "validated" | "refused" | "expired";

/** What a new account has, for as long as nobody has changed it: a seed takes its place. */
interface Replaceable {
  initial?: true;
}

/** Whose account it is: a nichandle, in the API's words. */
export interface Account {
  id: "me";
  fields: Record<string, unknown>;
}

export interface Application {
  id: string;
  applicationId: number;
  applicationKey: string;
  applicationSecret: string;
  name: string;
  description: string;
  status: "active";
}

export interface Credential {
  id: string;
  credentialId: number;
  applicationId: number;
  consumerKey: string;
  /** Of the page where it is validated. */
  token: string;
  status: CredentialStatus;
  rules: Rule[];
  allowedIPs: string[] | null;
  redirection: string | null;
  /** Milliseconds since 1970. */
  creation: number;
  expiration: number | null;
  /** The server's own, for the commands that it is started for. */
  own?: true;
}

export interface Bill extends Replaceable {
  id: string;
  billId: string;
  date: number;
  orderId: number;
  category: string;
  password: string;
  priceWithTax: number;
  priceWithoutTax: number;
}

export interface DedicatedServer extends Replaceable {
  id: string;
  name: string;
  fields: Record<string, unknown>;
  burst: Burst;
}

export interface Burst {
  status: string;
  capacity: { unit: string; value: number } | null;
}

/** Of RunAbove. */
export interface Instance extends Replaceable {
  id: string;
  fields: Record<string, string>;
}

export interface Zone extends Replaceable {
  id: string;
  name: string;
  nameServers: string[];
  /** Of the last refresh. */
  refreshed: number;
  serial: number;
  /** What the last refresh made live. */
  live: RecordFields[];
}

export interface RecordFields {
  fieldType: string;
  subDomain: string;
  target: string;
  ttl: number;
}

export interface ZoneRecord extends RecordFields {
  id: string;
  recordId: number;
  zone: string;
}

export interface Kept {
  accounts: Account;
  applications: Application;
  credentials: Credential;
  bills: Bill;
  servers: DedicatedServer;
  instances: Instance;
  zones: Zone;
  records: ZoneRecord;
}

export const COLLECTIONS = [
  "accounts",
  "applications",
  "credentials",
  "bills",
  "servers",
  "instances",
  "zones",
  "records",
] as const satisfies readonly (keyof Kept)[];

export const idOf = {
  application: (id: number) => `application/${id}`,
  credential: (id: number) => `credential/${id}`,
  bill: (billId: string) => `bill/${billId}`,
  server: (name: string) => `server/${name}`,
  instance: (name: string) => `instance/${name}`,
  zone: (name: string) => `zone/${name}`,
  record: (id: number) => `record/${id}`,
};

/** Keys and secrets are to be gone from the disk with them. */
export const isSecret = (id: string) => /^(application|credential)\//.test(id);
