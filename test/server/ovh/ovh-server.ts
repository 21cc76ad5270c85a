/** A server with OVH's API on a clock that the test moves, and a client of its own that signs as the documents say. */
import { createHash } from "node:crypto";
import {
  createManualClock,
  type ManualClock,
  type RunningServer,
  type ServerOptions,
  startServer,
} from "../../../server/index";
import { atEnd } from "../harness";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered
  body: any;
}

export interface Keys {
  application: string;
  secret: string;
  consumer: string;
}

export interface Sent {
  /** As it goes over the wire. Default: the body's compact JSON. */
  raw?: string;
  /** What is signed in place of what is sent. */
  signed?: Partial<{ method: string; url: string; body: string }>;
  /** Seconds that the client's clock is off. */
  off?: number;
  keys?: Partial<Keys>;
  headers?: Record<string, string | undefined>;
  /** Only the application key is sent. */
  unsigned?: boolean;
}

export interface OvhServer {
  server: RunningServer;
  clock: ManualClock;
  /** `http://127.0.0.1:PORT`. */
  origin: string;
  keys: Keys;
  /** Below `/1.0`, unless the path begins with `/v`. */
  call(method: string, path: string, body?: unknown, sent?: Sent): Promise<Answer>;
  get(path: string): Promise<Answer["body"]>;
  /** A consumer key for these rules, pending. */
  ask(rules: object[], more?: object): Promise<{ consumerKey: string; validationUrl: string; state: string }>;
  answer(validationUrl: string, form?: Record<string, string>): Promise<Response>;
}

export async function startOvh(
  options: Omit<ServerOptions, "clock"> & { clock?: ManualClock } = {},
): Promise<OvhServer> {
  const { clock = createManualClock() } = options;
  const server = await startServer({ with: ["ovh"], ...options, clock });
  atEnd(() => server.close());
  const { url: origin = "", environment = {} } = server.guests.ovh ?? {};
  const keys = {
    application: environment.OVH_APPLICATION_KEY ?? "",
    secret: environment.OVH_APPLICATION_SECRET ?? "",
    consumer: environment.OVH_CONSUMER_KEY ?? "",
  };

  const call = async (method: string, path: string, body?: unknown, sent: Sent = {}): Promise<Answer> => {
    const { application, secret, consumer } = { ...keys, ...sent.keys };
    const url = `${origin}${/^\/v\d/.test(path) ? "" : "/1.0"}${path}`;
    const payload = sent.raw ?? (body === undefined ? "" : JSON.stringify(body));
    const timestamp = String(Math.floor(clock.now() / 1_000) + (sent.off ?? 0));
    const signed = { method, url, body: payload, ...sent.signed };
    const text = [secret, consumer, signed.method, signed.url, signed.body, timestamp].join("+");
    const headers: Record<string, string | undefined> = {
      "X-Ovh-Application": application,
      ...(sent.unsigned
        ? {}
        : {
            "X-Ovh-Consumer": consumer,
            "X-Ovh-Timestamp": timestamp,
            "X-Ovh-Signature": `$1$${createHash("sha1").update(text).digest("hex")}`,
          }),
      ...(payload === "" ? {} : { "Content-Type": "application/json" }),
      ...sent.headers,
    };
    const response = await fetch(url, {
      method,
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ) as Record<string, string>,
      body: payload === "" ? undefined : payload,
      redirect: "manual",
    });
    const answered = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text: answered,
      body: /json/.test(response.headers.get("Content-Type") ?? "") ? JSON.parse(answered) : answered,
    };
  };

  return {
    server,
    clock,
    origin,
    keys,
    call,
    async get(path) {
      const { status, body, text } = await call("GET", path);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      return body;
    },
    async ask(accessRules, more = {}) {
      const { body } = await call(
        "POST",
        "/auth/credential",
        { accessRules, redirection: null, ...more },
        { unsigned: true },
      );
      return body;
    },
    answer: (validationUrl, form = { answer: "yes" }) =>
      fetch(validationUrl, { method: "POST", body: new URLSearchParams(form), redirect: "manual" }),
  };
}

/** Status and the four fields of an error. */
export function refused(status: number, message: unknown, errorCode?: string) {
  return [
    status,
    {
      class: expect.stringMatching(/^(Client|Server)::\w+$/),
      message,
      httpCode: expect.stringMatching(new RegExp(`^${status} `)),
      ...(errorCode ? { errorCode } : {}),
    },
  ];
}

export const told = ({ status, body }: Answer) => [status, body];
