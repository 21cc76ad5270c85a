import type { Clock } from "../../http/clock";
import type { Values } from "../table/field";

/** Milliseconds that an operation may take when nothing else is said: as in Pulumi's own providers. */
const DEFAULT = 600_000;
const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds left of one operation, all its waits together. */
export type TimeLeft = () => number;

/** What is to be known of the operation. */
export interface Timed {
  readonly clock: Clock;
  /** Milliseconds that the engine said. */
  readonly timeout?: number;
}

/**
 * Starts the time that `customTimeouts` allows the operation; 10 minutes when it says nothing. The engine's word
 * counts where the host lets it through; else what the class passed down as `deadlines`.
 */
export function timeLeft(
  { clock, timeout }: Timed,
  { deadlines }: Values,
  operation: "create" | "update" | "delete",
): TimeLeft {
  const given = (deadlines as Partial<Record<string, string>> | undefined)?.[operation];
  const declared = given === undefined ? DEFAULT : milliseconds(given);
  const end = clock.now() + (timeout ?? declared);
  return () => Math.max(0, end - clock.now());
}

/** Go's durations, as the engine has them: `1h30m`, `45s`. */
function milliseconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
}
