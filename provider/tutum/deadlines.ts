export interface CustomTimeouts {
  create?: string;
  update?: string;
  delete?: string;
}

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** `customTimeouts` in seconds: the engine's own never reach a dynamic provider, so they travel as an input. */
export function deadlines(timeouts: CustomTimeouts | undefined): Record<string, number> | undefined {
  const entries = Object.entries(timeouts ?? {}).filter(([, duration]) => duration !== undefined);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([operation, duration]) => [operation, seconds(operation, String(duration))]),
  );
}

/** Go's durations, as the engine has them: `1h30m`, `45s`. */
function seconds(operation: string, duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([text]) => text).join("") !== duration) {
    throw new Error(
      `customTimeouts.${operation}: "${duration}" is not a duration; write it like "10m" or "1h30m"`,
    );
  }
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
  return Math.max(1, Math.ceil(total));
}
