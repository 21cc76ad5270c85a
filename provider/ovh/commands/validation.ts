/** Waits until the account's owner has said yes or no to a consumer key, by trying it again and again. */
import { isApiError } from "../../http/api-error";
import type { Clock } from "../../http/clock";
import { type Credential, isOvhApiError, type OvhClient } from "../client";

export interface Waiting {
  /** At most so long, in milliseconds. */
  patience: number;
  clock: Clock;
  signal: AbortSignal;
  /** Aborted when the browser has come back: then it is decided. */
  returned: AbortSignal;
}

/** In milliseconds: longer and longer, up to the last. */
const PAUSES = [500, 1000, 2000, 3000, 5000];
/** How often it is looked once more when it is decided: OVH's servers may need a moment to agree. */
const AFTER_RETURN = 3;

/** What OVH says of the key; undefined where it is valid and may not be asked about. Throws when there will be none. */
export async function validated(
  client: OvhClient,
  { patience, clock, signal, returned }: Waiting,
): Promise<Credential | undefined> {
  const end = clock.now() + patience;
  let left = AFTER_RETURN;
  for (let looks = 0; ; looks++) {
    const isDecided = returned.aborted;
    const answer = await look(client, signal);
    if (answer !== "pending") return answer === "unknown" ? undefined : answer;
    if (isDecided && --left === 0) throw new Error("The key was refused in the browser. Nothing was kept.");
    if (clock.now() >= end)
      throw new Error(
        `The key was not validated within ${patience / 60_000} minutes: nobody said yes in the browser, or it was refused there. Nothing was kept.`,
      );
    const [shortest = 0] = PAUSES;
    const pause = isDecided ? shortest : (PAUSES[Math.min(looks, PAUSES.length - 1)] ?? 0);
    await clock
      .sleep(pause, isDecided ? signal : AbortSignal.any([signal, returned]))
      .catch(() => signal.throwIfAborted());
  }
}

async function look(client: OvhClient, signal: AbortSignal): Promise<Credential | "unknown" | "pending"> {
  try {
    const credential = await client.get<Credential>("/auth/currentCredential", { signal });
    if (credential.status === "validated") return credential;
    if (credential.status === "pendingValidation") return "pending";
    throw ended(credential.status);
  } catch (error) {
    if (isOvhApiError(error, "notGranted")) return "unknown";
    if (isOvhApiError(error, "invalidKey")) {
      // Most servers say no more than that it is not valid.
      const [status] = /refused|expired/i.exec(error.serverMessage) ?? [];
      if (status !== undefined) throw ended(status.toLowerCase());
      return "pending";
    }
    if (isOvhApiError(error, "unknownKey")) throw ended("expired");
    if (isApiError(error) && error.retryable) return "pending";
    throw error;
  }
}

function ended(status: string): Error {
  const what = status === "expired" ? "has expired before anybody validated it" : `was ${status}`;
  return new Error(
    `The key ${what}. Nothing was kept: request another one with \`npx --no-install pulumi-tutum ovh login\`.`,
  );
}
