/**
 * Values the engine does not know yet while it previews. The host hands them over as sentinel texts, one per
 * kind; inside the lifecycle they are one symbol, at any depth.
 */
export const UNKNOWN: unique symbol = Symbol("unknown until `up`");

const SENTINELS = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string, and what the Node SDK sends for everything
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);
const STRING_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether the value is, or somewhere inside holds, an unknown. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}

/** What the host sent, with its sentinel texts turned into `UNKNOWN`. */
export function fromHost(value: unknown): unknown {
  return map(value, leaf => (typeof leaf === "string" && SENTINELS.has(leaf) ? UNKNOWN : leaf));
}

/** A value the host can carry: `UNKNOWN` as its sentinel, and no `undefined` (protobuf's Struct throws on it). */
export function toHost(value: unknown): unknown {
  return map(value, leaf => (leaf === UNKNOWN ? STRING_SENTINEL : leaf));
}

function map(value: unknown, leaf: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(item => map(item ?? null, leaf));
  if (value === null || typeof value !== "object") return leaf(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, map(item, leaf)]));
}
