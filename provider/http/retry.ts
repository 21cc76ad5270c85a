/**
 * When a request is sent again. A property of the request, not of the caller: each endpoint belongs to a class.
 */
import type { Clock } from "./clock";
import { HttpFailure, type HttpResponse, type RetryClass } from "./http-message";

const MAX_RETRIES = 2;
/** Full jitter: a random part of this, doubled for the second retry, in milliseconds. */
const BACKOFF = 100;
const RETRY_AFTER = "retry-after";
const TRANSIENT = new Set([429, 500, 502, 503, 504]);

/** Whether a status says that the same request may succeed a little later. */
export function isTransient(status: number): boolean {
  return TRANSIENT.has(status);
}

/**
 * What all requests of a process may spend on retries: in an outage they cost a few dozen requests in all instead of
 * twice as many, and the budget grows back with success.
 */
export class RetryBudget {
  readonly #capacity: number;
  readonly #cost: { failure: number; throttled: number };
  #tokens: number;

  constructor(capacity = 500, cost = { failure: 14, throttled: 5 }) {
    this.#capacity = capacity;
    this.#cost = cost;
    this.#tokens = capacity;
  }

  take(kind: "failure" | "throttled"): boolean {
    if (this.#tokens < this.#cost[kind]) return false;
    this.#tokens -= this.#cost[kind];
    return true;
  }

  refund(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + 1);
  }
}

const processBudget = new RetryBudget();

export interface RetryOptions {
  retry: RetryClass;
  /** No attempt begins after it, in the clock's time. */
  deadline: number;
  signal: AbortSignal;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  budget?: RetryBudget;
}

/** Sends until an answer stands: a success, a refusal, a doubt that may not be repeated, or the budget's end. */
export async function withRetries(
  attempt: () => Promise<HttpResponse>,
  options: RetryOptions,
): Promise<HttpResponse> {
  const budget = options.budget ?? processBudget;
  for (let retries = 0; ; retries++) {
    const outcome = await outcomeOf(attempt);
    const asked = retryAfter(outcome, options.clock) ?? 0;
    const again =
      retries < MAX_RETRIES &&
      !options.signal.aborted &&
      isRepeatable(outcome, options.retry) &&
      asked < options.deadline - options.clock.now() &&
      budget.take("value" in outcome && outcome.value.status === 429 ? "throttled" : "failure");
    if (!again) {
      if ("error" in outcome) throw outcome.error;
      if (outcome.value.status < 400) budget.refund();
      return outcome.value;
    }
    await options.clock.sleep(Math.max(options.random() * BACKOFF * 2 ** retries, asked), options.signal);
  }
}

type Outcome = { value: HttpResponse } | { error: HttpFailure };

async function outcomeOf(attempt: () => Promise<HttpResponse>): Promise<Outcome> {
  try {
    return { value: await attempt() };
  } catch (error) {
    if (error instanceof HttpFailure) return { error };
    throw error;
  }
}

function isRepeatable(outcome: Outcome, retry: RetryClass): boolean {
  if ("error" in outcome) return !outcome.error.permanent && (!outcome.error.sent || retry !== "ambiguous");
  const { status, headers = {} } = outcome.value;
  // A throttled request was refused before anything was done; any other failure may have happened half-way.
  const throttled = status === 429 || (status === 403 && headers[RETRY_AFTER] !== undefined);
  return throttled || (retry !== "ambiguous" && isTransient(status));
}

/** What the server asks to wait, in milliseconds: given in seconds or as a date. */
function retryAfter(outcome: Outcome, clock: Clock): number | undefined {
  const header = "value" in outcome ? outcome.value.headers?.[RETRY_AFTER] : undefined;
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.wall();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
