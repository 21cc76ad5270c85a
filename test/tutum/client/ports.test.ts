import { withDeadline } from "../../../provider/http/clock";
import { HttpFailure, type HttpTransport } from "../../../provider/http/http-message";
import { RetryBudget } from "../../../provider/http/retry";
import { isTutumApiError, TutumClient } from "../../../provider/tutum/client";

const BEGINNING = Date.UTC(2014, 3, 6, 17, 59, 42);

/** A clock that jumps to whatever is waited for next, as soon as nothing else is left to do. */
class JumpingClock {
  #now = 0;
  #sleepers: { at: number; wake(): void }[] = [];

  now = () => this.#now;
  wall = () => BEGINNING + this.#now;

  sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((wake, reject) => {
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter(other => other !== sleeper);
        reject(signal.reason);
      });
      setImmediate(() => this.#jump());
    });

  #jump(): void {
    const next = this.#sleepers.sort((a, b) => a.at - b.at).shift();
    if (!next) return;
    this.#now = Math.max(this.#now, next.at);
    next.wake();
  }
}

const clientOf = (clock: JumpingClock, transport: HttpTransport, timeout?: number) =>
  new TutumClient({
    endpoint: "http://127.0.0.1:1",
    user: "me",
    apikey: "key",
    env: {},
    retryBudget: new RetryBudget(),
    random: () => 0.5,
    clock,
    transport,
    timeout,
  });

const unanswered: HttpTransport = (_request, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new HttpFailure("canceled", true)));
  });

describe("time and transport as ports", () => {
  test("a call without an answer ends at its total deadline of virtual time", async () => {
    const clock = new JumpingClock();
    const error = await clientOf(clock, unanswered, 60_000)
      .applications.page()
      .catch((thrown: unknown) => thrown);
    expect(isTutumApiError(error) && error.message).toContain("no complete answer within 60 s");
    expect(clock.now()).toBe(60_000);
  });

  test("retries pause on the clock, as long as the server asks, and else by chance", async () => {
    const clock = new JumpingClock();
    const times: number[] = [];
    const tutum = clientOf(clock, async () => {
      times.push(clock.now());
      if (times.length === 1) return { status: 429, text: "", headers: { "retry-after": "7" } };
      if (times.length === 2) return { status: 503, text: "" };
      return { status: 200, text: JSON.stringify({ meta: {}, objects: [] }) };
    });
    await tutum.applications.page();
    expect(times).toEqual([0, 7_000, 7_100]);
  });

  test("a date in Retry-After is one of the clock's, not of this machine's", async () => {
    const clock = new JumpingClock();
    const times: number[] = [];
    const tutum = clientOf(clock, async () => {
      times.push(clock.now());
      const date = new Date(BEGINNING + 9_000).toUTCString();
      if (times.length === 1) return { status: 503, text: "", headers: { "retry-after": date } };
      return { status: 200, text: JSON.stringify({ meta: {}, objects: [] }) };
    });
    await tutum.applications.page();
    expect(times).toEqual([0, 9_000]);
  });

  test("the transport gets the credentials with every request", async () => {
    const seen: unknown[] = [];
    const tutum = clientOf(new JumpingClock(), async request => {
      seen.push(request.headers.Authorization);
      return { status: 200, text: JSON.stringify({ meta: {}, objects: [] }) };
    });
    await tutum.applications.page();
    expect(seen).toEqual(["ApiKey me:key"]);
  });

  test("a deadline that is not reached leaves no timer behind", async () => {
    let ended = false;
    const sleep = (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_wake, reject) => {
        signal?.addEventListener("abort", () => {
          ended = true;
          reject(signal.reason);
        });
      });
    expect(await withDeadline({ now: () => 0, wall: () => 0, sleep }, 1000, async () => "done")).toBe("done");
    expect(ended).toBe(true);
  });
});
