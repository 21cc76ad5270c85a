/**
 * Finds out which containers answer, beside the requests: a connection that stays open for a moment is a good sign; of
 * one that takes connections and says nothing, only a byte is. One probe at a time for each.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Target } from "./table";

/** Whoever forwards ports closes a connection within this when nobody listens behind it. */
const HELD_MS = 250;
/** So soon one that did not answer is asked again; then ever later. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** One that failed a request is left alone for so long. */
const ASIDE_MS = 1_000;
/** At once, whatever waits. */
const PROBES = 64;

export class Prober {
  private readonly watched = new Map<Target, AbortController>();
  private readonly suspected = new Map<Target, Promise<void>>();
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly connectMs: number) {}

  /** Asks until it answers. */
  watch(target: Target): void {
    this.start(target, signal => this.untilItAnswers(target, signal));
  }

  /** It failed a request. */
  setAside(target: Target): void {
    target.standing = "silent";
    this.start(target, async signal => {
      await pause(ASIDE_MS, signal);
      await this.untilItAnswers(target, signal);
    });
  }

  /** It has a request, and nothing comes back: resolves when it is known whether it says anything at all. */
  async suspect(target: Target): Promise<void> {
    const asked = this.suspected.get(target) ?? this.findOut(target);
    this.suspected.set(target, asked);
    await asked.finally(() => this.suspected.delete(target));
  }

  forget(target: Target): void {
    this.watched.get(target)?.abort();
  }

  close(): void {
    for (const ending of this.watched.values()) ending.abort();
  }

  private async findOut(target: Target): Promise<void> {
    const ending = new AbortController();
    if (await this.limited(() => speaks(target, this.connectMs, ending.signal))) return;
    target.standing = "hangs";
    this.start(target, async signal => {
      await pause(FIRST_PAUSE_MS, signal);
      await this.untilItAnswers(target, signal);
    });
  }

  private start(target: Target, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.watched.has(target)) return;
    const ending = new AbortController();
    this.watched.set(target, ending);
    const done = () => void this.watched.delete(target);
    // It rejects only when it was ended.
    work(ending.signal).then(done, done);
  }

  private async untilItAnswers(target: Target, signal: AbortSignal): Promise<void> {
    for (let ms = FIRST_PAUSE_MS; target.standing !== "answers"; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
      const probe = target.standing === "hangs" ? speaks : staysOpen;
      const answers = await this.limited(() => probe(target, this.connectMs, signal));
      signal.throwIfAborted();
      if (answers) target.standing = "answers";
      else if (target.standing !== "hangs") target.standing = "silent";
      if (!answers) await pause(ms, signal);
    }
  }

  private async limited<T>(probe: () => Promise<T>): Promise<T> {
    if (this.running >= PROBES) await new Promise<void>(resolve => this.waiting.push(resolve));
    this.running++;
    try {
      return await probe();
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}

/** The connection is taken, and not given up at once. */
function staysOpen(target: Target, connectMs: number, signal: AbortSignal): Promise<boolean> {
  return probe(target, connectMs, signal, (socket, answer) => {
    socket.once("data", () => answer(true));
    setTimeout(() => answer(true), HELD_MS).unref();
  });
}

/** Any byte will do, also that of a refusal: `OPTIONS *` is HTTP's way to ask for a sign of life. */
function speaks(target: Target, connectMs: number, signal: AbortSignal): Promise<boolean> {
  return probe(target, connectMs, signal, (socket, answer) => {
    socket.once("data", () => answer(true));
    socket.write(`OPTIONS * HTTP/1.1\r\nHost: ${target.name}\r\nConnection: close\r\n\r\n`);
    setTimeout(() => answer(false), connectMs).unref();
  });
}

function probe(
  { host, port }: Target,
  connectMs: number,
  signal: AbortSignal,
  connected: (socket: Socket, answer: (answers: boolean) => void) => void,
): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: connectMs });
    const answer = (answers: boolean) => {
      resolve(answers);
      socket.destroy();
    };
    const ended = () => answer(false);
    signal.addEventListener("abort", ended, { once: true });
    socket.on("error", ended).on("end", ended).on("timeout", ended);
    socket.on("close", () => {
      signal.removeEventListener("abort", ended);
      resolve(false);
    });
    socket.once("connect", () => {
      socket.setTimeout(0);
      connected(socket, answer);
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal, ref: false });
}
