/**
 * Which application answers for a name, and which of its containers is tried first. A connection that was accepted is
 * no proof: whatever forwards ports accepts for containers that listen to nothing. Only a byte, or a connection that
 * stays open, is one. Nothing here waits.
 */
import type { Claim } from "./routes";

/**
 * - `untried`: nobody knows; as good as any.
 * - `answers`: the last that was heard of it is good.
 * - `new`: came when others of its application answered: it is tried when they fail, until it answers too.
 * - `silent`: refused the connection, or closed it before the first byte.
 * - `hangs`: takes connections, and nothing comes back.
 */
export type Standing = "untried" | "answers" | "new" | "silent" | "hangs";

/** Those that are tried first have rank -1; the others come last, in this order. */
const LAST: readonly Standing[] = ["new", "silent", "hangs"];

/**
 * The newest that has a container that answers; else the newest of which nobody knows; else the newest that has
 * containers at all. Undefined: nobody claims the name.
 */
export function inCharge<T>(
  claims: readonly Claim<T>[],
  standing: (target: T) => Standing,
): Claim<T> | undefined {
  const withSome = (wanted: Standing) =>
    claims.find(({ addresses }) => addresses.some(address => standing(address) === wanted));
  return (
    withSome("answers") ??
    withSome("untried") ??
    claims.find(claim => claim.addresses.length > 0) ??
    claims[0]
  );
}

/** All of them in the order to try them. */
export function inTurn<T>(targets: readonly T[], turn: number, standing: (target: T) => Standing): T[] {
  const first = targets.length === 0 ? 0 : turn % targets.length;
  const rank = (target: T) => LAST.indexOf(standing(target));
  return [...targets.slice(first), ...targets.slice(0, first)].sort((one, other) => rank(one) - rank(other));
}
