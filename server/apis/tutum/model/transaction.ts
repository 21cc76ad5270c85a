/**
 * One change of the model: made in memory at once, undone when it fails or cannot be stored.
 * Orders to the backend are collected and given only when the change is stored, so that nothing runs unrecorded.
 */

import type { Random } from "../../../host/ports/random";
import type { Change } from "../../../host/storage/records";
import type { AccountRecord } from "./account-records";
import type { LaunchReason } from "./backend";
import type { ApplicationRecord, ContainerRecord } from "./records";
import type { Settings } from "./settings";
import type { Kept, World } from "./world";

export type Order =
  | { kind: "launch"; container: string; reason: LaunchReason }
  | { kind: "start" | "stop" | "remove"; container: string }
  /** It runs already, as far as the model is concerned: the backend sees to it. */
  | { kind: "adopt"; container: string }
  /** No container's event will come to end the application's transition: look at it again. */
  | { kind: "settle"; application: string };

export class Transaction {
  readonly orders: Order[] = [];
  private readonly applicationsBefore = new Map<string, ApplicationRecord | undefined>();
  private readonly containersBefore = new Map<string, ContainerRecord | undefined>();
  private readonly accountBefore = new Map<string, AccountRecord | undefined>();

  constructor(
    readonly world: World,
    readonly settings: Settings,
    readonly random: Random,
    /** One time for the whole change. */
    readonly now: number,
    /** The same, for windows and lives. */
    readonly steady: number,
  ) {}

  putApplication(record: ApplicationRecord): ApplicationRecord {
    this.rememberApplication(record.uuid);
    this.world.putApplication(record);
    return record;
  }

  putContainer(record: ContainerRecord): ContainerRecord {
    this.rememberContainer(record.uuid);
    this.world.putContainer(record);
    return record;
  }

  putAccount(record: AccountRecord): void {
    this.rememberAccount(record.id);
    this.world.account.set(record.id, record);
  }

  forgetAccount(id: string): void {
    this.rememberAccount(id);
    this.world.account.delete(id);
  }

  forget(uuid: string): void {
    if (this.world.applications.has(uuid)) {
      this.rememberApplication(uuid);
      this.world.deleteApplication(uuid);
    } else {
      this.rememberContainer(uuid);
      this.world.deleteContainer(uuid);
    }
  }

  order(order: Order): void {
    this.orders.push(order);
  }

  /** Undefined when nothing changed. */
  changes(): Change<Kept> | undefined {
    const { applications, containers, account } = this.world;
    const touched = [...this.applicationsBefore.keys()];
    const touchedContainers = [...this.containersBefore.keys()];
    const touchedAccount = [...this.accountBefore.keys()];
    if (touched.length + touchedContainers.length + touchedAccount.length === 0) return undefined;
    const deleted = [
      ...touched.filter(uuid => !applications.has(uuid)),
      ...touchedContainers.filter(uuid => !containers.has(uuid)),
      ...touchedAccount.filter(id => !account.has(id)),
    ];
    const put = {
      applications: touched.flatMap(uuid => applications.get(uuid) ?? []),
      containers: touchedContainers.flatMap(uuid => containers.get(uuid) ?? []),
      ...(touchedAccount.length > 0 ? { account: touchedAccount.flatMap(id => account.get(id) ?? []) } : {}),
    };
    return { put, deleted };
  }

  undo(): void {
    for (const [uuid, record] of this.applicationsBefore) {
      if (record) this.world.putApplication(record);
      else this.world.deleteApplication(uuid);
    }
    for (const [uuid, record] of this.containersBefore) {
      if (record) this.world.putContainer(record);
      else this.world.deleteContainer(uuid);
    }
    for (const [id, record] of this.accountBefore) {
      if (record) this.world.account.set(id, record);
      else this.world.account.delete(id);
    }
  }

  private rememberApplication(uuid: string): void {
    if (!this.applicationsBefore.has(uuid))
      this.applicationsBefore.set(uuid, this.world.applications.get(uuid));
  }

  private rememberContainer(uuid: string): void {
    if (!this.containersBefore.has(uuid)) this.containersBefore.set(uuid, this.world.containers.get(uuid));
  }

  private rememberAccount(id: string): void {
    if (!this.accountBefore.has(id)) this.accountBefore.set(id, this.world.account.get(id));
  }
}
