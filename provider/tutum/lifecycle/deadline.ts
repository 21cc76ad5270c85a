import type { Values } from "../../resource/field";
import { DEFAULT_DEADLINE } from "../client/settling";
import type { ApplicationContext } from "./context";

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds left of one operation, all its waits together. */
export type TimeLeft = () => number;

/**
 * Starts the time that `customTimeouts` allows the operation; 10 minutes when it says nothing. The engine's word
 * counts where the host lets it through; else what the class passed down.
 */
export function timeLeft(
  { clock, timeout }: ApplicationContext,
  values: Values,
  operation: "create" | "update" | "delete",
): TimeLeft {
  const given = (values.deadlines as Partial<Record<string, string>> | undefined)?.[operation];
  const declared = given === undefined ? DEFAULT_DEADLINE : milliseconds(given);
  const end = clock.now() + (timeout ?? declared);
  return () => Math.max(0, end - clock.now());
}

/** Go's durations, as the engine has them: `1h30m`, `45s`. */
function milliseconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
}
