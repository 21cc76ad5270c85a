/**
 * Windows and lives are counted by a clock that nobody sets. It begins anew with each run of the server, at the time
 * for people: so a run notes how far the two have drifted apart, and the next one translates. What lies in the future
 * all the same, because the clock was set back while no server ran, becomes the present: nothing waits for it.
 */
import type { AccountRecord, ClockRecord, CreateRecord } from "./account-records";
import type { Transaction } from "./transaction";
import type { World } from "./world";

/** A difference below this is none: clocks are corrected all the time. */
const STEP_MS = 1_000;
const ID = "server:clock";

/** What has to be noted, if anything, when it is looked at the clocks. */
export function clockStep(world: World, now: number, steady: number): ClockRecord | undefined {
  const ahead = Math.round(now - steady);
  return Math.abs(ahead - aheadIn(world)) < STEP_MS ? undefined : { id: ID, ahead };
}

/** The first change of a run. */
export function repairTimes(tx: Transaction): void {
  const { world, now, steady } = tx;
  const ahead = aheadIn(world);
  if (world.account.has(ID)) tx.forgetAccount(ID);
  const translated = (time: number) => Math.min(time + ahead, steady);
  const isWrong = (time: number) => translated(time) !== time;
  for (const record of [...world.applications.values()]) {
    const destroyedAt = notAfter(record.destroyedAt, now);
    if (destroyedAt === record.destroyedAt && !record.replacedAt.some(isWrong)) continue;
    tx.putApplication({ ...record, destroyedAt, replacedAt: record.replacedAt.map(translated) });
  }
  for (const record of [...world.containers.values()]) {
    const destroyedAt = notAfter(record.destroyedAt, now);
    if (destroyedAt === record.destroyedAt && !record.restartedAt.some(isWrong)) continue;
    tx.putContainer({ ...record, destroyedAt, restartedAt: record.restartedAt.map(translated) });
  }
  for (const record of [...world.account.values()]) {
    if (isCreate(record) && isWrong(record.at)) tx.putAccount({ ...record, at: translated(record.at) });
  }
}

export function isCreate(record: AccountRecord): record is CreateRecord {
  return record.id.startsWith("create:");
}

function aheadIn(world: World): number {
  const record = world.account.get(ID);
  return record && "ahead" in record ? record.ahead : 0;
}

function notAfter(time: number | null, now: number): number | null {
  return time === null ? null : Math.min(time, now);
}
