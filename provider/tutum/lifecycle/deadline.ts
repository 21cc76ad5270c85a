import type { Values } from "../../resource/field";
import { DEFAULT_DEADLINE } from "../client/settling";
import type { ApplicationContext } from "./context";

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds left of one operation, all its waits together. */
export type TimeLeft = () => number;

/** Starts the time that `customTimeouts` allows the operation; 10 minutes when it says nothing. */
export function timeLeft(
  { clock }: ApplicationContext,
  values: Values,
  operation: "create" | "update" | "delete",
): TimeLeft {
  const given = (values.deadlines as Partial<Record<string, string>> | undefined)?.[operation];
  const end = clock.now() + (given === undefined ? DEFAULT_DEADLINE : milliseconds(given));
  return () => Math.max(0, end - clock.now());
}

/** Go's durations, as the engine has them: `1h30m`, `45s`. */
function milliseconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
}
