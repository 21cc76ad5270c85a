/** Rows of every table: what the resource's class passes down, because the engine does not tell a dynamic provider. */
import type { FieldTable } from "./field";
import { list, object, optional, pattern, string } from "./schema";

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const duration = pattern(DURATION, 'must be a duration, like "10m" or "1h30m"');

export const internalFields = {
  /** A hash of the resource's URN. */
  resourceHash: { schema: optional(string), change: "none", internal: true },
  /** Which arguments are secrets: a change of it writes the outputs anew, encrypted. */
  secretInputs: { schema: optional(list(string)), change: "stored", internal: true },
  /** `customTimeouts`. */
  deadlines: {
    schema: optional(
      object({ create: optional(duration), update: optional(duration), delete: optional(duration) }),
    ),
    change: "stored",
    internal: true,
  },
} satisfies FieldTable<never>;
