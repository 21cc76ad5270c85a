/**
 * The way from provider to server, with every fault that a schedule asks for, and the ledger of what really came of
 * each request: who made which application, what the server has acknowledged, and what nobody may have done.
 */
import {
  HttpFailure,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  type SentRequest,
} from "../../provider/http/http-message";
import type { Application } from "../../provider/tutum/client";
import { type Chance, uuidOf } from "./chance";
import { markOn } from "./judge";
import type { ProviderHost } from "./provider-host";
import type { Act, Fault, Incident, RequestKind } from "./schedule";
import { ServerCrashed, type SimulatedServer } from "./simulated-server";
import type { VirtualTime } from "./virtual-time";

/** How long a server that crashed is away, in milliseconds. */
const RESTART = 3_000;
/** How old an answer of a stale cache may be, in milliseconds. */
const STALE = 10_000;
/** More requests than any run needs. */
const TOO_MANY = 20_000;

export interface NetworkEvents {
  /** Somebody else does something, now. */
  act(act: Act): Promise<void>;
  cancel(): void;
}

export class Network {
  /** What must never happen, and did. */
  readonly violations: string[] = [];
  /** How often each fault was met by each kind of request. */
  readonly met = new Map<string, number>();
  requests = 0;
  /** Runs that only look. */
  readOnly = false;
  /** Applications that others made. */
  readonly strangers = new Set<string>();
  /** Marks of the applications that the second state asked for. */
  readonly seconds = new Set<string>();
  #incidents: Incident[] = [];
  #events: NetworkEvents | undefined;
  readonly #counts = new Map<string, number>();
  #revoked = false;
  #outageEnds = 0;
  readonly #cache = new Map<string, { at: number; answer: HttpResponse }>();
  readonly #acknowledged = new Map<string, Acknowledged>();
  readonly #inFlight = new Map<string, number>();

  constructor(
    private readonly time: VirtualTime,
    private readonly chance: Chance,
    private readonly server: SimulatedServer,
  ) {}

  /** A run begins. */
  begin(incidents: Incident[], events: NetworkEvents): void {
    this.#incidents = [...incidents];
    this.#events = events;
    this.#counts.clear();
    this.#revoked = false;
    this.#outageEnds = 0;
  }

  transport(host: ProviderHost): HttpTransport {
    return async (sent, signal) => {
      try {
        if (!host.dead) return await this.#carry(received(sent), signal, host);
      } catch (error) {
        if (!host.dead) throw error;
      }
      // Nobody is there any more to be answered.
      return new Promise(() => undefined);
    };
  }

  async #carry(request: HttpRequest, signal: AbortSignal, host: ProviderHost): Promise<HttpResponse> {
    const kind = kindOf(request);
    if (++this.requests > TOO_MANY) throw new Error("a run sends requests without end");
    const incident = this.#incidentAt(kind);
    await this.#latency();
    if (typeof incident === "object") await this.#events?.act(incident);
    const answer =
      typeof incident === "string"
        ? await this.#faulty(incident, request, signal, host)
        : await this.#deliver(request);
    await this.#latency();
    return answer;
  }

  #incidentAt(kind: RequestKind): Fault | Act | undefined {
    const counts = [kind, "any" as const].map(key => {
      const count = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, count);
      return { key, count };
    });
    const incident = this.#incidents.find(({ on, nth }) =>
      counts.some(({ key, count }) => on === key && nth === count),
    );
    if (!incident) return undefined;
    const what = typeof incident.what === "string" ? incident.what : `somebody else: ${incident.what.act}`;
    const key = `${what}\t${kind}`;
    this.met.set(key, (this.met.get(key) ?? 0) + 1);
    return incident.what;
  }

  #latency(): Promise<void> {
    return this.time.sleep(2 + Math.floor(this.chance() * 40));
  }

  /** The request reaches the server, whoever sent it. */
  async #deliver(request: HttpRequest): Promise<HttpResponse> {
    if (this.#revoked) return { status: 401, text: "" };
    if (this.time.now() < this.#outageEnds || !this.server.isRunning) throw refused();
    this.#judge(request);
    await this.#judgeState(request, "first");
    const answer = await this.#recorded(request);
    if (request.method === "GET") this.#cache.set(keyOf(request), { at: this.time.now(), answer });
    return answer;
  }

  /** A request of somebody else, or of this simulation's own. */
  async direct(request: Omit<HttpRequest, "retry">): Promise<HttpResponse> {
    try {
      return await this.#recorded({ ...request, retry: "safe" });
    } catch (error) {
      if (error instanceof HttpFailure) return { status: 0, text: "" };
      throw error;
    }
  }

  /** The way of the second state's provider: nothing goes wrong on it. */
  second(): HttpTransport {
    return async sent => {
      const request = received(sent);
      await this.#latency();
      if (!this.server.isRunning) throw refused();
      if (kindOf(request) === "create") this.seconds.add(markOn(request.body as Application) ?? "");
      await this.#judgeState(request, "second");
      const answer = await this.#recorded(request);
      await this.#latency();
      return answer;
    };
  }

  /** What one state has is never changed or deleted through another. */
  async #judgeState(request: HttpRequest, whose: "first" | "second"): Promise<void> {
    const uuid = uuidIn(request.path);
    if (request.method === "GET" || uuid === "") return;
    const { status, text } = await this.server
      .answer({ method: "GET", path: `application/${uuid}/` })
      .catch(() => ({ status: 0, text: "" }));
    if (status !== 200) return;
    const maker = this.seconds.has(markOn(JSON.parse(text) as Application) ?? "") ? "second" : "first";
    if (maker !== whose)
      this.violations.push(
        `the ${whose} state sent ${request.method} ${request.path}, which the ${maker} state made`,
      );
  }

  #judge(request: HttpRequest): void {
    if (request.method === "GET") return;
    const what = `${request.method} ${request.path}`;
    if (this.readOnly) this.violations.push(`a run that may only look sent ${what}`);
    if (this.strangers.has(uuidIn(request.path)))
      this.violations.push(`a stranger's application got ${what}`);
  }

  async #recorded(request: HttpRequest): Promise<HttpResponse> {
    const uuid = uuidIn(request.path);
    const count = (change: number) => this.#inFlight.set(uuid, (this.#inFlight.get(uuid) ?? 0) + change);
    const changes = request.method !== "GET";
    if (changes) count(1);
    try {
      const answer = await this.server.answer(request);
      if (changes) {
        count(-1);
        if (answer.status < 300) this.#acknowledge(request.method, JSON.parse(answer.text) as Application);
      }
      return answer;
    } catch (error) {
      // Whether it was made is open: nothing can be said of it any more.
      if (changes) this.#acknowledged.delete(uuid);
      if (error instanceof ServerCrashed) throw new HttpFailure("socket hang up (ECONNRESET)", true);
      throw error;
    }
  }

  #acknowledge(method: string, application: Application): void {
    if (method === "DELETE") this.#acknowledged.delete(application.uuid);
    else this.#acknowledged.set(application.uuid, durable(application));
  }

  async #faulty(
    fault: Fault,
    request: HttpRequest,
    signal: AbortSignal,
    host: ProviderHost,
  ): Promise<HttpResponse> {
    const deliver = () => this.#deliver(request);
    // A server that knows no keys makes two of a creation that is delivered twice, and nobody can help it.
    const again = () => (kindOf(request) === "create" && !this.server.knowsKeys ? undefined : applied());
    const applied = async () => {
      await deliver().catch(() => undefined);
    };
    switch (fault) {
      case "refused":
        throw refused();
      case "reset":
        throw lost();
      case "lost":
        await applied();
        throw lost();
      case "cut":
        await applied();
        throw new HttpFailure("stream has been aborted (ERR_BAD_RESPONSE)", true);
      case "hang":
        return unanswered(signal);
      case "hang-applied":
        await applied();
        return unanswered(signal);
      case "late":
        this.#later(60_000, request);
        return unanswered(signal);
      case "reset-late":
        this.#later(0, request);
        throw lost();
      case "429":
        return { status: 429, text: "" };
      case "429-retry-after":
        return { status: 429, text: "", headers: { "retry-after": "3" } };
      case "500-applied":
        await applied();
        return { status: 500, text: JSON.stringify({ error: "Internal error" }) };
      case "500":
        return { status: 500, text: JSON.stringify({ error: "Internal error" }) };
      case "502-html":
        return { status: 502, text: PROXY_PAGE };
      case "503-retry-after":
        return { status: 503, text: PROXY_PAGE, headers: { "retry-after": "2" } };
      case "504-applied":
        await applied();
        return { status: 504, text: PROXY_PAGE };
      case "401":
        return { status: 401, text: "" };
      case "revoked":
        this.#revoked = true;
        return { status: 401, text: "" };
      case "404":
        return { status: 404, text: "" };
      case "400-busy":
        return { status: 400, text: JSON.stringify({ error: "The application is busy." }) };
      case "stale":
        return this.#stale(request) ?? deliver();
      case "html-applied":
        await applied();
        return { status: 200, text: PROXY_PAGE };
      case "html":
        return { status: 200, text: PROXY_PAGE };
      case "empty-object-applied":
        await applied();
        return { status: 200, text: "{}" };
      case "empty-object":
        return { status: 200, text: "{}" };
      case "other-applied":
        await applied();
        return this.#other(request);
      case "other":
        return this.#other(request);
      case "types-applied":
        return senseless(await deliver());
      case "types":
        return senseless(this.#stale(request) ?? { status: 200, text: "{}" });
      case "proto":
        return polluting(await deliver());
      case "redirect-applied":
        await applied();
        return { status: 302, text: "" };
      case "redirect":
        return { status: 307, text: "" };
      case "doubled": {
        const first = await deliver();
        await again();
        return first;
      }
      case "doubled-second":
        await again();
        return deliver();
      case "outage-30s":
      case "outage-700s":
        this.#outageEnds = this.time.now() + (fault === "outage-30s" ? 30_000 : 700_000);
        throw refused();
      case "cancel":
        this.#events?.cancel();
        return deliver();
      case "kill-before":
        host.kill();
        throw lost();
      case "kill-applied":
        await this.#recordedFor(request, () => host.kill());
        throw lost();
      case "kill-answered": {
        const answer = await deliver();
        await this.#latency();
        host.kill();
        return answer;
      }
      case "kill-unsaved":
      case "kill-engine-unsaved":
        host.killUnsaved(fault === "kill-unsaved" ? "provider" : "engine");
        return deliver();
      case "crash-before":
      case "power-before":
        this.#crash(fault);
        throw lost();
      case "crash-applied":
      case "power-applied": {
        // In the midst of it: after some of the steps that it takes, none of which needs time.
        const work = deliver();
        work.catch(() => undefined);
        for (let steps = Math.floor(this.chance() * 30); steps > 0; steps--) await undefined;
        this.#crash(fault);
        return work;
      }
      case "crash-answered":
      case "power-answered": {
        const answer = await deliver();
        this.#crash(fault);
        return answer;
      }
    }
  }

  /** The provider dies while the server works on its request. */
  async #recordedFor(request: HttpRequest, kill: () => void): Promise<void> {
    const work = this.#deliver(request);
    kill();
    await work.catch(() => undefined);
  }

  /** It was on its way all the time, and arrives when nobody waits for it any more. */
  #later(ms: number, request: HttpRequest): void {
    const more = Math.floor(this.chance() * 40_000);
    this.time.after(ms + more, () => void this.#deliver(request).catch(() => undefined));
  }

  #stale(request: HttpRequest): HttpResponse | undefined {
    const seen = this.#cache.get(keyOf(request));
    return seen && this.time.now() - seen.at <= STALE ? seen.answer : undefined;
  }

  /** A whole and sensible answer about some other application. */
  async #other(request: HttpRequest): Promise<HttpResponse> {
    const all = this.server.isRunning ? await this.server.applications() : [];
    const others = all.filter(({ uuid }) => uuid !== uuidIn(request.path));
    const other = others.find(({ uuid }) => this.strangers.has(uuid)) ?? others[0];
    return { status: 200, text: JSON.stringify(other ?? { uuid: uuidOf(this.chance) }) };
  }

  #crash(fault: string): void {
    const must = [...this.#acknowledged].filter(([uuid]) => !this.#inFlight.get(uuid));
    this.#inFlight.clear();
    this.server.crash(fault.startsWith("power") ? "power" : "kill");
    this.time.after(RESTART, () => {
      this.#restart(new Map(must)).catch(error => this.violations.push(`the server did not start: ${error}`));
    });
  }

  async #restart(must: Map<string, Acknowledged>): Promise<void> {
    if (this.server.isRunning) return;
    await this.server.start();
    const kept = new Map((await this.server.applications()).map(one => [one.uuid, one]));
    for (const [uuid, fields] of must) {
      const application = kept.get(uuid);
      const now = application && durable(application);
      if (JSON.stringify(now) === JSON.stringify(fields)) continue;
      this.violations.push(
        `the server acknowledged ${JSON.stringify(fields)} and has ${JSON.stringify(now)} after a crash`,
      );
    }
  }
}

/** What an answer promises to be kept. */
type Acknowledged = Record<string, unknown>;

function durable(application: Application): Acknowledged {
  const { uuid, target_num_containers, web_public_dns, autorestart } = application;
  return { uuid, target_num_containers, web_public_dns, autorestart };
}

const PROXY_PAGE = "<html><body><h1>Bad Gateway</h1></body></html>";

function refused(): HttpFailure {
  return new HttpFailure("connection refused (ECONNREFUSED)", false);
}

function lost(): HttpFailure {
  return new HttpFailure("socket hang up (ECONNRESET)", true);
}

function unanswered(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(new HttpFailure("canceled", true));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** An answer with values of other types than documented. */
function senseless({ status, text }: HttpResponse): HttpResponse {
  const body = JSON.parse(text || "{}") as Record<string, unknown>;
  return { status, text: JSON.stringify({ ...body, uuid: 7, state: null, objects: [{}] }) };
}

/** A good answer with a key that must not become anybody's prototype. */
function polluting({ status, text }: HttpResponse): HttpResponse {
  const more =
    '{"__proto__":{"polluted":true,"state":"Terminated"},"constructor":{"prototype":{"polluted":true}},';
  return { status, text: text.replace(/^\{(?!\})/, more) };
}

/** What the server makes of the bytes on the wire. */
function received({ url, body, ...request }: SentRequest): HttpRequest {
  const { pathname, searchParams } = new URL(url);
  return {
    ...request,
    path: pathname.replace("/api/v1/", ""),
    query: Object.fromEntries(searchParams),
    ...(body !== undefined && { body: JSON.parse(body) as unknown }),
  };
}

function keyOf({ path, query }: HttpRequest): string {
  return `${path} ${JSON.stringify(query ?? {})}`;
}

export function uuidIn(path: string): string {
  return path.split("/")[1] ?? "";
}

export function kindOf({ method, path }: Pick<HttpRequest, "method" | "path">): RequestKind {
  const [noun, uuid, act] = path.split("/").filter(part => part !== "");
  if (noun === "container") return act === "logs" ? "logs" : "containers";
  if (act === "start" || act === "stop" || act === "logs") return act;
  if (act) return "other";
  if (!uuid) return method === "POST" ? "create" : "list";
  return method === "GET" ? "read" : method === "PATCH" ? "update" : "terminate";
}
