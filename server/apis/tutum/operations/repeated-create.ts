/**
 * `Idempotency-Key` on create: the same key with the same body gets the first answer again for a day, restarts
 * included. Only successful creates are remembered: a refused one has made nothing.
 */
import { createHash } from "node:crypto";
import type { Application } from "../../../../provider/tutum/client/types";
import { ApiError } from "../../../host/errors";
import { answerBytes } from "../model/account-map";
import type { CreateRecord } from "../model/account-records";
import { IDEMPOTENCY_KEY } from "../model/patterns";
import { isCreate } from "../model/repair-times";
import type { Transaction } from "../model/transaction";
import type { World } from "../model/world";
import { seal, unseal } from "./sealed-answer";

const DAY_MS = 24 * 60 * 60_000;
/** When there are more, or their answers weigh more, the oldest are forgotten early. */
const MAX_REMEMBERED = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** `create`, or what it answered the first time. */
export function createOnce(
  tx: Transaction,
  key: string | undefined,
  body: unknown,
  create: () => Application,
): Application {
  if (key === undefined) return create();
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new ApiError(400, {
      error: "The Idempotency-Key must be 1 to 255 visible ASCII characters without spaces.",
    });
  }
  const id: CreateRecord["id"] = `create:${key}`;
  const sent = JSON.stringify(body ?? null);
  const digest = createHash("sha256").update(sent).digest("hex");
  const first = tx.world.account.get(id) as CreateRecord | undefined;
  if (!first) {
    const answer = create();
    tx.putAccount({ id, at: tx.steady, body: digest, sealed: seal(answer, id, sent) });
    return answer;
  }
  if (first.body !== digest) {
    throw new ApiError(409, { error: "This Idempotency-Key was used with another body before." });
  }
  // Stored again: the first one may still be on its way to the disk, and this answer must not overtake it.
  tx.putAccount(first);
  return (first.sealed === undefined ? first.answer : unseal(first.sealed, id, sent)) as Application;
}

/** Ids of those nobody may ask for again. Oldest first, as the world keeps them. */
export function outdatedCreates(world: World, now: number): string[] {
  const outdated: string[] = [];
  let excess = world.account.size - MAX_REMEMBERED;
  let tooHeavy = world.account.answerBytes - MAX_BYTES;
  for (const record of world.account.values()) {
    if (!isCreate(record)) continue;
    if (record.at > now - DAY_MS && excess <= 0 && tooHeavy <= 0) break;
    outdated.push(record.id);
    excess--;
    tooHeavy -= answerBytes(record);
  }
  return outdated;
}
