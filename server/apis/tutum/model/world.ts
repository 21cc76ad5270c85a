/** All records, with the indexes that keep a request's cost independent of how many there are. */
import type { Clock } from "../../../host/ports/clock";
import type { Change, Collections, Records } from "../../../host/storage/records";
import { AccountMap } from "./account-map";
import type { AccountRecord } from "./account-records";
import { PortAllocator } from "./ports";
import type { ApplicationRecord, ContainerRecord } from "./records";
import { StateIndex } from "./state-index";

/** What the storage keeps, by collection. */
export interface Kept {
  applications: ApplicationRecord;
  containers: ContainerRecord;
  account: AccountRecord;
}

export class World implements Records<Kept> {
  readonly shortNames = { applications: "a", containers: "c", account: "k" };
  /** In order of creation. */
  readonly applications = new Map<string, ApplicationRecord>();
  readonly containers = new Map<string, ContainerRecord>();
  /** By id, oldest first. */
  readonly account = new AccountMap();
  readonly applicationStates = new StateIndex();
  readonly containerStates = new StateIndex();
  readonly ports = new PortAllocator();
  /** Terminated records in the order they ended, to forget them in time. */
  private ended = new Map<string, number>();
  /** Absent while records are loaded. */
  private time: (() => number) | undefined;
  private readonly containersByApplication = new Map<string, Set<string>>();
  private readonly byName = new Map<string, Set<string>>();
  private readonly byUniqueName = new Map<string, Set<string>>();
  private readonly sourcesByTarget = new Map<string, Set<string>>();
  private readonly byWebDns = new Map<string, Set<string>>();
  /** Numbers below this are taken for this name. */
  private readonly nextSuffix = new Map<string, number>();
  private webNameChanged: (host: string) => void = () => {};

  apply({ put, deleted }: Change<Kept>): void {
    for (const record of put.applications ?? []) this.putApplication(record);
    for (const record of put.containers ?? []) this.putContainer(record);
    for (const record of put.account ?? []) this.account.set(record.id, record);
    for (const id of deleted) {
      this.deleteContainer(id);
      this.deleteApplication(id);
      this.account.delete(id);
    }
  }

  state(): Collections<Kept> {
    return {
      applications: [...this.applications.values()],
      containers: [...this.containers.values()],
      account: [...this.account.values()],
    };
  }

  /** Of what is gone, and of images, whose credentials may be others now. */
  outdatesSecrets({ put, deleted }: Change<Kept>): boolean {
    return deleted.length > 0 || (put.account ?? []).some(({ id }) => id.startsWith("image:"));
  }

  putApplication(record: ApplicationRecord): void {
    const { uuid } = record;
    const previous = this.applications.get(uuid);
    if (!previous) {
      add(this.byName, record.name, uuid);
      add(this.byUniqueName, record.uniqueName, uuid);
      for (const link of record.links) add(this.sourcesByTarget, link.to, uuid);
    }
    if (previous?.webPublicDns) remove(this.byWebDns, previous.webPublicDns.toLowerCase(), uuid);
    if (record.webPublicDns) add(this.byWebDns, record.webPublicDns.toLowerCase(), uuid);
    this.applications.set(uuid, record);
    this.noteWebName(previous);
    this.noteWebName(record);
    this.applicationStates.put(uuid, record.state, previous?.state);
    this.noteEnd(uuid, record.destroyedAt);
  }

  deleteApplication(uuid: string): void {
    const record = this.applications.get(uuid);
    if (!record) return;
    this.applications.delete(uuid);
    this.applicationStates.delete(uuid, record.state);
    this.ended.delete(uuid);
    remove(this.byName, record.name, uuid);
    remove(this.byUniqueName, record.uniqueName, uuid);
    for (const link of record.links) remove(this.sourcesByTarget, link.to, uuid);
    if (record.webPublicDns) remove(this.byWebDns, record.webPublicDns.toLowerCase(), uuid);
    this.noteWebName(record);
    this.nextSuffix.delete(record.name);
  }

  putContainer(record: ContainerRecord): void {
    const previous = this.containers.get(record.uuid);
    if (!previous) add(this.containersByApplication, record.application, record.uuid);
    this.containers.set(record.uuid, record);
    this.containerStates.put(record.uuid, record.state, previous?.state);
    if (previous?.ports !== record.ports || holdsPorts(record) !== holdsPorts(previous)) {
      if (previous && holdsPorts(previous)) this.ports.release(previous.node, outerPorts(previous));
      if (holdsPorts(record)) this.ports.take(record.node, outerPorts(record));
    }
    this.noteEnd(record.uuid, record.destroyedAt);
    this.noteWebName(this.applications.get(record.application));
  }

  deleteContainer(uuid: string): void {
    const record = this.containers.get(uuid);
    if (!record) return;
    if (holdsPorts(record)) this.ports.release(record.node, outerPorts(record));
    this.containers.delete(uuid);
    this.containerStates.delete(uuid, record.state);
    this.ended.delete(uuid);
    remove(this.containersByApplication, record.application, uuid);
    this.noteWebName(this.applications.get(record.application));
  }

  /** The application's containers that are not terminated, in order of their numbers. */
  containersOf(application: string): ContainerRecord[] {
    return this.allContainersOf(application).filter(container => container.state !== "Terminated");
  }

  allContainersOf(application: string): ContainerRecord[] {
    return [...(this.containersByApplication.get(application) ?? [])].flatMap(
      uuid => this.containers.get(uuid) ?? [],
    );
  }

  applicationsNamed(name: string): ApplicationRecord[] {
    return this.pick(this.byName.get(name));
  }

  applicationsWithUniqueName(uniqueName: string): ApplicationRecord[] {
    return this.pick(this.byUniqueName.get(uniqueName));
  }

  /** Applications that link to this one and are not terminated. */
  linkingTo(application: string): ApplicationRecord[] {
    return this.pick(this.sourcesByTarget.get(application)).filter(source => source.state !== "Terminated");
  }

  /** Those that claim this name as `web_public_dns` and are not terminated, newest first. */
  applicationsAt(host: string): ApplicationRecord[] {
    const claims = this.pick(this.byWebDns.get(host)).filter(claim => claim.state !== "Terminated");
    // Records don't tell which is older; their order here does. Hardly ever is there more than one claim.
    if (claims.length < 2) return claims;
    return [...this.applications.values()].filter(record => claims.includes(record)).reverse();
  }

  /** All names that are claimed, in lower case. */
  webNames(): string[] {
    return [...this.byWebDns.keys()];
  }

  /** Calls this with each name for which other containers may answer now. */
  onWebName(changed: (host: string) => void): void {
    this.webNameChanged = changed;
  }

  /** The name itself, or the name with the first free number from 2 on. */
  uniqueNameFor(name: string): string {
    if (!this.byUniqueName.has(name)) return name;
    let suffix = this.nextSuffix.get(name) ?? 2;
    while (this.byUniqueName.has(`${name}-${suffix}`)) suffix++;
    this.nextSuffix.set(name, suffix);
    return `${name}-${suffix}`;
  }

  /** Terminated records that ended at or before `time`, as `keepTime`'s clock says. */
  endedBy(time: number): string[] {
    const due: string[] = [];
    for (const [uuid, endedAt] of this.ended) {
      if (endedAt > time) break;
      due.push(uuid);
    }
    return due;
  }

  /**
   * After loading: from here on lives are counted by a clock that nobody sets. What ended in the future, by a clock
   * that was wrong, has just ended; nothing waits behind it.
   */
  keepTime(clock: Pick<Clock, "now" | "steady">): void {
    const [now, steady] = [clock.now(), clock.steady()];
    const ages = [...this.ended].map(([uuid, at]) => [uuid, steady - Math.max(0, now - at)] as const);
    this.ended = new Map(ages.sort(([, a], [, b]) => a - b));
    const records = [...this.account].sort(([, a], [, b]) => timeOf(a) - timeOf(b));
    this.account.clear();
    for (const [id, record] of records) this.account.set(id, record);
    this.time = () => clock.steady();
  }

  private pick(uuids: Set<string> | undefined): ApplicationRecord[] {
    return [...(uuids ?? [])].flatMap(uuid => this.applications.get(uuid) ?? []);
  }

  private noteWebName(record: ApplicationRecord | undefined): void {
    if (record?.webPublicDns) this.webNameChanged(record.webPublicDns.toLowerCase());
  }

  private noteEnd(uuid: string, destroyedAt: number | null): void {
    if (destroyedAt === null) this.ended.delete(uuid);
    else if (!this.ended.has(uuid)) this.ended.set(uuid, this.time?.() ?? destroyedAt);
  }
}

function timeOf(record: AccountRecord): number {
  return "at" in record ? record.at : 0;
}

function holdsPorts(record: ContainerRecord | undefined): boolean {
  return record !== undefined && record.state !== "Terminated";
}

function outerPorts(record: ContainerRecord): number[] {
  return record.ports.map(port => port.outer_port);
}

function add(index: Map<string, Set<string>>, key: string, uuid: string): void {
  const members = index.get(key);
  if (members) members.add(uuid);
  else index.set(key, new Set([uuid]));
}

function remove(index: Map<string, Set<string>>, key: string, uuid: string): void {
  const members = index.get(key);
  members?.delete(uuid);
  if (members?.size === 0) index.delete(key);
}
