/** What a container of a size may use. The documents say no numbers, so there is no limit unless somebody sets one. */
import type { ContainerSize } from "../../../../../provider/tutum/client/types";
import { UserError } from "../../../../host/errors";

export interface SizeLimit {
  /** Bytes. */
  memory?: number;
  cpus?: number;
}

export type SizeLimits = Partial<Record<ContainerSize, SizeLimit>>;

const SIZES: readonly ContainerSize[] = ["XS", "S", "M", "L", "XL"];
const LIMIT = /^(XS|S|M|L|XL)=(\d+)(m|g)(?:,(\d+(?:\.\d+)?))?$/;
const BYTES = { m: 1024 ** 2, g: 1024 ** 3 };
/** An engine refuses less. */
const MIN_MEMORY = 6 * BYTES.m;

/** Each text as in `M=512m` or `M=512m,0.5`: memory and processors of that size. */
export function readSizeLimits(texts: readonly string[]): SizeLimits {
  return Object.fromEntries(texts.map(readLimit));
}

function readLimit(text: string): [ContainerSize, SizeLimit] {
  const [, size, amount, unit, cpus] = LIMIT.exec(text) ?? [];
  const memory = Number(amount) * BYTES[unit as keyof typeof BYTES];
  if (size === undefined || Number(cpus ?? 1) === 0) {
    throw new UserError(
      `"${text}" is not a size limit: "M=512m" or "M=1g,0.5" is expected, with one of ${SIZES.join(", ")}, memory, and processors`,
    );
  }
  if (memory < MIN_MEMORY) throw new UserError(`"${text}": a container needs at least 6m of memory`);
  return [size as ContainerSize, { memory, ...(cpus === undefined ? {} : { cpus: Number(cpus) }) }];
}
