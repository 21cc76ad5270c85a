/** What a user sees of a resource that is waited for: nothing of what is brief, then its state, and why it takes long. */
import type { Clock } from "../../http/clock";

/** Milliseconds of a wait that is over before anyone wonders: a line about it would be noise. */
const BRIEF = 1_000;
/** Milliseconds after which a wait is told to be a long one, and again each time. */
const LONG = 30_000;

/** Who is told. */
export interface Audience {
  readonly clock: Clock;
  report(message: string): void;
}

/** What there is to tell of a kind of resource. */
export interface Phases<R> {
  /** With its name: a diff's progress lines have no row of their own, and in a replacement there are two. */
  phase(resource: R): string;
  isSettled(resource: R): boolean;
  /** The parts that have not come to rest, each in some words; what fails is not told. */
  pending?(resource: R, signal: AbortSignal): Promise<string[]>;
}

/**
 * Runs a wait for the resource and tells meanwhile what it does: after a second its state, and that with each change
 * that the wait reports; what it waits for when that takes long.
 */
export async function withProgress<R, T>(
  audience: Audience,
  resource: R,
  phases: Phases<R>,
  wait: (onProgress: (seen: R) => void) => Promise<T>,
): Promise<T> {
  const { clock, report } = audience;
  const ended = new AbortController();
  const watch = { begun: clock.now(), last: resource, signal: ended.signal };
  void tell(audience, phases, watch);
  try {
    return await wait(seen => {
      watch.last = seen;
      // What it comes to rest in is told by what follows.
      if (clock.now() - watch.begun >= BRIEF && !phases.isSettled(seen)) report(phases.phase(seen));
    });
  } finally {
    ended.abort();
  }
}

interface Watch<R> {
  begun: number;
  last: R;
  signal: AbortSignal;
}

async function tell<R>(
  { clock, report }: Audience,
  { phase, pending }: Phases<R>,
  watch: Watch<R>,
): Promise<void> {
  const { begun, signal } = watch;
  try {
    await clock.sleep(BRIEF, signal);
    report(phase(watch.last));
    for (let next = LONG; ; next += LONG) {
      await clock.sleep(begun + next - clock.now(), signal);
      const parts = (await pending?.(watch.last, signal)) ?? [];
      const seconds = Math.round((clock.now() - begun) / 1_000);
      report([`${phase(watch.last)} after ${seconds} s`, ...parts].join("; "));
    }
  } catch {
    return;
  }
}
