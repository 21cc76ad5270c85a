/**
 * When a container that was started counts as running: it has stood for a moment without an end, and where it has
 * published TCP ports, one of them answers. So a process that ends at once, or never listens, is never called running.
 */

import type { Clock } from "../../../../host/ports/clock";
import type { OuterPort } from "../../model/records";
import { type Address, probe } from "./port-probe";

export interface ReadinessTimes {
  /** Milliseconds that it must stand. */
  settle: number;
  /** Milliseconds that its ports have to answer, on top of that; 0: they are not waited for. */
  ready: number;
}

export const DEFAULT_READINESS: ReadinessTimes = { settle: 2_000, ready: 60_000 };

/** Between two tries of a port. */
const PROBE_MS = { first: 100, last: 1_000 };

export interface Started {
  /** Whether its process still is the one that was started. */
  stands(): Promise<boolean>;
  /** Where its published TCP ports are asked from here; none: it has none, or nobody can tell from here. */
  addresses(): readonly Address[];
  /** It has stood, and its ports do not answer yet. */
  waiting(): void;
  /** Resolves when something happened to it. */
  happened(): Promise<void>;
}

export type Readiness = "ready" | "over" | "silent";

export async function becomeReady(started: Started, times: ReadinessTimes, clock: Clock): Promise<Readiness> {
  const settled = timer(clock, times.settle);
  const late = timer(clock, times.settle + times.ready);
  let answered = times.ready === 0;
  let told = false;
  try {
    for (let pause = PROBE_MS.first; ; pause = Math.min(2 * pause, PROBE_MS.last)) {
      if (!(await started.stands())) return "over";
      answered ||= await answers(started.addresses());
      if (answered && settled.isOver) return (await started.stands()) ? "ready" : "over";
      if (late.isOver) return "silent";
      if (settled.isOver && !told) {
        told = true;
        started.waiting();
      }
      if (answered) await Promise.race([settled.over, started.happened()]);
      else {
        const next = timer(clock, pause);
        await Promise.race([next.over, started.happened()]);
        next.cancel();
      }
    }
  } finally {
    settled.cancel();
    late.cancel();
  }
}

/** `80/tcp, 443/tcp`: those that are waited for. */
export function tcpPorts(ports: readonly OuterPort[] = []): OuterPort[] {
  return ports.filter(({ protocol }) => protocol === "tcp");
}

export function waitingFor(ports: readonly OuterPort[]): string {
  return `waiting for an answer on port ${tcpPorts(ports)
    .map(({ inner_port }) => inner_port)
    .join(" or ")}`;
}

export function nothingAnswers(ports: readonly OuterPort[], { ready }: ReadinessTimes): string {
  const named = tcpPorts(ports).map(({ inner_port }) => `${inner_port}/tcp`);
  return `started, but nothing answers on its port${named.length > 1 ? "s" : ""} ${named.join(", ")} within ${ready / 1_000} s (--ready-timeout says how long is waited)`;
}

/** One of them, or nothing can be told of any. */
async function answers(addresses: readonly Address[]): Promise<boolean> {
  if (addresses.length === 0) return true;
  const found = await Promise.all(addresses.map(probe));
  return found.includes("answers") || found.every(each => each === "unreachable");
}

interface Timer {
  readonly over: Promise<void>;
  readonly isOver: boolean;
  cancel(): void;
}

function timer(clock: Clock, ms: number): Timer {
  let isOver = ms === 0;
  let cancel = () => {};
  const over = new Promise<void>(resolve => {
    if (isOver) resolve();
    else {
      cancel = clock.setTimeout(() => {
        isOver = true;
        resolve();
      }, ms);
    }
  });
  return {
    over,
    get isOver() {
      return isOver;
    },
    cancel: () => cancel(),
  };
}
