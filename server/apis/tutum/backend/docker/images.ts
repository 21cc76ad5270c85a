/**
 * Images: fetched only where they are missing. A fetch lives as long as someone waits for it
 * and something comes; those from one registry never hold up those from another.
 */
import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { ContainerSpec, ImageReference } from "../../model/backend";
import type { ImageConfig } from "../containers/image-defaults";
import { InFlight } from "../containers/in-flight";
import { Limit } from "../containers/limit";
import { imageText, registryCredentials, registryOf } from "../containers/registry";
import type { Engine, PullProgress } from "./engine";
import { EngineError, meaningOf } from "./engine-error";

/** Of one registry on one node: an engine fetches three layers at a time, and one that hangs must not have them all. */
const PULLS = 2;
const IDLE_MS = 5 * 60_000;

/** Where an image is to be. */
export interface ImageStore {
  readonly name: string;
  readonly engine: Pick<Engine, "image" | "pull">;
}

interface Pull {
  key: string;
  node: string;
  done: Promise<ImageConfig>;
  layers: Map<string, string>;
  /** It is its turn. */
  begun: boolean;
  /** Those who wait for it; without any it is given up. */
  waiters: number;
  end: AbortController;
  /** It is not idle. */
  alive(): void;
}

export interface ImagesParts {
  /** Milliseconds without any progress after which a fetch is given up. Default: five minutes. */
  idle?: number;
  clock: Clock;
  logger: Logger;
}

export class Images {
  private readonly limits = new Map<string, Limit>();
  /** Under way, by node and image. */
  private readonly pulls = new Map<string, Pull>();
  private readonly looks = new InFlight<ImageConfig | undefined>();

  constructor(private readonly parts: ImagesParts) {}

  /** Rejects when `signal` is aborted: no one needs it any more. */
  async ensure(node: ImageStore, spec: ContainerSpec, signal: AbortSignal): Promise<ImageConfig> {
    const image = imageText(spec.image);
    const key = `${node.name} ${image}`;
    if (!this.pulls.has(key)) {
      const present = await this.looks.share(key, () => node.engine.image(image));
      if (present) return present;
      signal.throwIfAborted();
    }
    const pull = this.pulls.get(key) ?? this.pull(node, spec, key);
    pull.waiters++;
    try {
      return await unlessAborted(pull.done, signal);
    } finally {
      if (--pull.waiters === 0) this.giveUp(pull);
    }
  }

  /** Lines that say how far it is, while it is being fetched. */
  progress(image: ImageReference): string[] {
    const text = imageText(image);
    return [...this.pulls].flatMap(([key, { layers, begun }]) => {
      if (!key.endsWith(` ${text}`)) return [];
      if (!begun) return [`Pulling ${text}: waits for other images of its registry`];
      return [
        `Pulling ${text}: ${layers.size === 0 ? "the registry has not responded yet" : summary(layers)}`,
      ];
    });
  }

  private pull(node: ImageStore, spec: ContainerSpec, key: string): Pull {
    const place = `${node.name} ${registryOf(spec.image.name)}`;
    const limit = this.limits.get(place) ?? new Limit(PULLS);
    this.limits.set(place, limit);
    const end = new AbortController();
    const pull: Pull = {
      ...{ key, node: node.name, layers: new Map(), begun: false, waiters: 0, end, alive: () => {} },
      done: Promise.resolve()
        .then(() => limit.run(() => this.fetch(node, spec, pull), end.signal))
        .finally(() => this.forget(pull)),
    };
    pull.done.catch(() => {});
    this.pulls.set(key, pull);
    return pull;
  }

  private giveUp(pull: Pull): void {
    this.forget(pull);
    pull.end.abort();
  }

  private forget(pull: Pull): void {
    if (this.pulls.get(pull.key) === pull) this.pulls.delete(pull.key);
  }

  private async fetch(node: ImageStore, spec: ContainerSpec, pull: Pull): Promise<ImageConfig> {
    const { logger } = this.parts;
    const { layers } = pull;
    const image = imageText(spec.image);
    logger.info({ node: node.name, image }, "pulling an image");
    pull.begun = true;
    const cancel = this.watch(pull);
    let logged = "";
    const progress = ({ id, status = "" }: PullProgress) => {
      this.progressed(pull);
      if (id === undefined || id === spec.image.tag) return;
      layers.set(id, status);
      const now = summary(layers);
      if (now !== logged) logger.info({ node: node.name, image, progress: now }, "pulling an image");
      logged = now;
    };
    try {
      await node.engine.pull(image, registryCredentials(spec), progress, pull.end.signal);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const meaning = meaningOf(error);
      // A time that is over may be the registry's.
      if (meaning === "silence" || (meaning === "trouble" && !/context \w+/.test(error.message))) throw error;
      // Whatever the status: asked again, the registry says the same.
      throw new EngineError(`No such image: ${image}, and it could not be pulled: ${error.message}`, 404);
    } finally {
      cancel();
    }
    const config = await node.engine.image(image);
    if (!config) throw new EngineError(`No such image: ${image}: the pull did not finish`, 404);
    logger.info({ node: node.name, image }, "pulled an image");
    return config;
  }

  /** Ends a fetch that makes no progress for too long. The function returned ends the watch. */
  private watch(pull: Pull): () => void {
    const { idle = IDLE_MS, clock } = this.parts;
    const late = new EngineError(
      `nothing came from the registry for ${idle / 1_000} s (--pull-timeout says how long is waited)`,
      404,
    );
    let cancel = () => {};
    pull.alive = () => {
      cancel();
      cancel = clock.setTimeout(() => pull.end.abort(late), idle);
    };
    pull.alive();
    return () => {
      cancel();
      pull.alive = () => {};
    };
  }

  /** Also those are not idle that wait in the engine for others to be fetched. */
  private progressed(pull: Pull): void {
    pull.alive();
    for (const other of this.pulls.values()) {
      if (other.node === pull.node && isQueued(other.layers)) other.alive();
    }
  }
}

function summary(layers: Map<string, string>): string {
  const done = [...layers.values()].filter(status => /^(Pull complete|Already exists)/.test(status)).length;
  return `${done} of ${layers.size} layers`;
}

function isQueued(layers: Map<string, string>): boolean {
  const states = [...layers.values()];
  return (
    states.includes("Waiting") && !states.some(state => /^(Downloading|Extracting|Verifying)/.test(state))
  );
}

function unlessAborted<T>(task: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    task.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
