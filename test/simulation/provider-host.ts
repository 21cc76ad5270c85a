/**
 * A provider process as Pulumi's host runs it: values go through protobuf's Struct, `__provider` is added to results
 * and not to errors, and when the process is killed nobody is answered any more.
 */

import type { HttpTransport } from "../../provider/http/http-message";
import { dynamicProvider } from "../../provider/resource/dynamic/dynamic-provider";
import type { OnEnd } from "../../provider/resource/lifecycle/lifecycle";
import { applicationLifecycle } from "../../provider/tutum/lifecycle";
import type { IntentLog } from "../../provider/tutum/lifecycle/intents";
import type { Chance } from "./chance";
import { Life } from "./life";
import type { VirtualTime } from "./virtual-time";

export const ENDPOINT = "http://127.0.0.1:1";
export const PROVIDER_TEXT = "exports.handler = …";

export type Properties = Record<string, unknown>;

/** What a provider process is given of the simulated world. */
export interface Surroundings {
  time: VirtualTime;
  chance: Chance;
  transport(host: ProviderHost): HttpTransport;
  /** `tutum:owner`. */
  identity: string | undefined;
  /** What the machine that it runs on remembers of creations. */
  intents: IntentLog;
  warn(message: string): void;
}

/** Where the simulated world enters the lifecycle: everything else here knows only the adapter's outer interface. */
function simulatedProvider(host: ProviderHost, life: Life, surroundings: Surroundings, onEnd: OnEnd) {
  const { time, chance, identity, warn } = surroundings;
  const config: Record<string, string | undefined> = {
    "tutum:endpoint": ENDPOINT,
    "tutum:user": "admin",
    "tutum:apikey": "canary-key",
    "tutum:owner": identity,
  };
  const lifecycle = applicationLifecycle({
    clock: time.forProvider(life),
    random: chance,
    transport: surroundings.transport(host),
    env: {},
    intents: whileAlive(surroundings.intents, life),
  });
  return dynamicProvider(
    { ...lifecycle, open: (_config, end) => lifecycle.open(key => config[key], end) },
    {
      signal: new AbortController().signal,
      requestOf: () => ({}),
      onEnd,
      announced: new Set(),
      log: (_urn, kind, message) => {
        if (kind === "warning") warn(message);
      },
    },
  );
}

/** A process that was killed writes nothing any more. */
function whileAlive(log: IntentLog, life: Life): IntentLog {
  const alive = (work: () => void) => {
    if (!life.isOver) work();
  };
  return {
    read: () => log.read(),
    write: intent => alive(() => log.write(intent)),
    remove: mark => alive(() => log.remove(mark)),
    unsaved: uuids => log.unsaved(uuids),
  };
}

/** The operation failed after the resource existed: the host packs it for the engine. */
export class InitFailed extends Error {
  constructor(
    readonly id: string,
    readonly properties: Properties,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
  }
}

export class HostDied extends Error {
  constructor() {
    super("the provider process ended");
  }
}

export class ProviderHost {
  readonly #life = new Life();
  readonly #ends: Parameters<OnEnd>[0][] = [];
  #unsaved: "provider" | "engine" | undefined;
  readonly #provider: ReturnType<typeof dynamicProvider>;

  constructor(surroundings: Surroundings) {
    this.#provider = simulatedProvider(this, this.#life, surroundings, callback => this.#ends.push(callback));
    void this.#provider.configure?.({ config: { get: () => undefined, require: () => "" } as never });
  }

  get dead(): boolean {
    return this.#life.isOver;
  }

  kill(): void {
    this.#life.end();
  }

  /** What is returned next is noted, and never saved: the process is killed, or the engine and then it sees that. */
  killUnsaved(whom: "provider" | "engine"): void {
    this.#unsaved = whom;
  }

  #dieUnsaved(): void {
    if (this.#unsaved === undefined) return;
    // What ended in the same instant is not saved either.
    if (this.#unsaved === "engine" && !this.dead) for (const callback of this.#ends) callback(false);
    this.kill();
    throw new HostDied();
  }

  /** The engine has saved its state, and needs it no more. */
  end(): void {
    if (!this.dead) for (const callback of this.#ends) callback(true);
    this.kill();
  }

  async check(olds: Properties, news: Properties) {
    const result = await this.#call(news, () => this.#provider.check?.(struct(olds), struct(news)));
    const inputs: Properties = result?.inputs ?? news;
    return {
      inputs: struct({ ...inputs, __provider: news.__provider }),
      failures: result?.failures ?? [],
    };
  }

  async diff(id: string, olds: Properties, news: Properties) {
    const result = await this.#call(news, () => this.#provider.diff?.(id, struct(olds), struct(news)));
    return {
      changes: result?.changes,
      replaces: result?.replaces ?? [],
      deleteBeforeReplace: result?.deleteBeforeReplace === true,
    };
  }

  async create(props: Properties): Promise<{ id: string; outputs: Properties }> {
    const { id, outs } = await this.#packed(props, () => this.#provider.create(struct(props))).finally(() =>
      this.#dieUnsaved(),
    );
    return { id, outputs: struct({ ...outs, __provider: props.__provider }) };
  }

  async read(id: string, props: Properties) {
    const result = await this.#call(props, () => this.#provider.read?.(id, struct(props)));
    const complete = (values: Properties | undefined) => struct({ ...values, __provider: props.__provider });
    return {
      id: result?.id,
      outputs: complete(result?.props),
      inputs: result?.inputs && complete(result.inputs),
    };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<{ outputs: Properties }> {
    const result = await this.#packed(news, () => this.#provider.update?.(id, struct(olds), struct(news)));
    return { outputs: struct({ ...result?.outs, __provider: news.__provider }) };
  }

  async delete(id: string, props: Properties): Promise<void> {
    await this.#call(props, () => this.#provider.delete?.(id, struct(props)));
  }

  /** An answer, unless the process is killed first. */
  async #call<T>(props: Properties, operation: () => T | Promise<T>): Promise<T> {
    if (typeof props.__provider !== "string") throw new TypeError("code must be a string, not undefined");
    return this.#life.during(operation, () => new HostDied());
  }

  async #packed<T>(props: Properties, operation: () => T | Promise<T>): Promise<T> {
    try {
      return await this.#call(props, operation);
    } catch (error) {
      const { id, properties, reasons } = error as Partial<InitFailed>;
      if (!id) throw error;
      throw new InitFailed(id, struct(properties ?? {}), reasons ?? []);
    }
  }
}

/** What is left of values that went through protobuf's Struct, which throws on what it cannot carry. */
export function struct(values: Properties): Properties {
  return carried(values) as Properties;
}

function carried(value: unknown): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(carried);
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, carried(item)]));
  throw new TypeError(`Unexpected struct type. (${typeof value})`);
}
