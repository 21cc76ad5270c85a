/** The fault rules in force, how often each was applied, and the requests they hold. */
import { type FaultRule, matches } from "./fault-rule";

/** A rule and what has come of it. */
export interface FaultStatus {
  id: string;
  rule: FaultRule;
  /** Requests it was applied to. */
  applied: number;
  /** Requests it holds right now. */
  held: number;
}

/** Faults from the same process: for tests that embed the server. */
export interface FaultControl {
  /** From now on; returns the rule's id. */
  add(rule: FaultRule): string;
  list(): FaultStatus[];
  /** Lets go what the rule holds and removes it; returns how many requests it held, undefined without such a rule. */
  release(id: string): number | undefined;
  /** Removes all rules and lets go all requests. */
  clear(): void;
}

interface Fault {
  id: string;
  rule: FaultRule;
  applied: number;
  chance: () => number;
  letGo: Set<() => void>;
}

export class Faults implements FaultControl {
  private readonly active = new Map<string, Fault>();
  private added = 0;

  add(rule: FaultRule): string {
    const id = String(++this.added);
    this.active.set(id, { id, rule, applied: 0, chance: seededRandom(rule.seed ?? 1), letGo: new Set() });
    return id;
  }

  list(): FaultStatus[] {
    return [...this.active.values()].map(({ id, rule, applied, letGo }) => ({
      id,
      rule,
      applied,
      held: letGo.size,
    }));
  }

  release(id: string): number | undefined {
    const fault = this.active.get(id);
    if (!fault) return undefined;
    this.active.delete(id);
    const held = fault.letGo.size;
    for (const letGo of [...fault.letGo]) letGo();
    return held;
  }

  clear(): void {
    for (const id of [...this.active.keys()]) this.release(id);
  }

  /** The rule to apply to this request, if any; it counts as applied. */
  take(method: string, path: string, api: string): { id: string; rule: FaultRule } | undefined {
    for (const fault of this.active.values()) {
      const { rule } = fault;
      if (fault.applied >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
      if (rule.api !== undefined && rule.api !== api) continue;
      if (!matches(rule, method, path)) continue;
      if (rule.probability !== undefined && fault.chance() >= rule.probability) continue;
      fault.applied++;
      return fault;
    }
    return undefined;
  }

  /** Resolves when the rule is released or removed; at once when it is gone already. */
  hold(id: string): Promise<void> {
    const fault = this.active.get(id);
    if (!fault) return Promise.resolve();
    return new Promise(resolve => {
      const letGo = () => {
        fault.letGo.delete(letGo);
        resolve();
      };
      fault.letGo.add(letGo);
    });
  }
}

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
