/** Images: fetched where they are missing, never where they are there. */
import type { Logger } from "../../ports/logger";
import type { ContainerSpec, ImageReference } from "../backend";
import type { ImageConfig } from "../containers/image-defaults";
import { InFlight } from "../containers/in-flight";
import { Limit } from "../containers/limit";
import { imageText, registryCredentials } from "../containers/registry";
import type { Engine, PullProgress } from "./engine";
import { EngineError } from "./engine-error";

const PULLS = 4;

/** Where an image is to be. */
export interface ImageStore {
  readonly name: string;
  readonly engine: Pick<Engine, "image" | "pull">;
}

interface Pull {
  done: Promise<ImageConfig>;
  layers: Map<string, string>;
}

export class Images {
  private readonly limit = new Limit(PULLS);
  /** Under way, by node and image. */
  private readonly pulls = new Map<string, Pull>();
  private readonly looks = new InFlight<ImageConfig | undefined>();

  constructor(private readonly logger: Logger) {}

  async ensure(node: ImageStore, spec: ContainerSpec): Promise<ImageConfig> {
    const image = imageText(spec.image);
    const key = `${node.name} ${image}`;
    const running = this.pulls.get(key);
    if (running) return running.done;
    const present = await this.looks.share(key, () => node.engine.image(image));
    if (present) return present;
    const pull = this.pulls.get(key) ?? this.pull(node, spec, key);
    return pull.done;
  }

  /** Lines that say how far it is, while it is being fetched. */
  progress(image: ImageReference): string[] {
    const text = imageText(image);
    return [...this.pulls].flatMap(([key, { layers }]) =>
      key.endsWith(` ${text}`) ? [`Pulling ${text}: ${summary(layers)}`] : [],
    );
  }

  private pull(node: ImageStore, spec: ContainerSpec, key: string): Pull {
    const layers = new Map<string, string>();
    const done = this.limit.run(() => this.fetch(node, spec, layers)).finally(() => this.pulls.delete(key));
    done.catch(() => {});
    const pull = { done, layers };
    this.pulls.set(key, pull);
    return pull;
  }

  private async fetch(
    node: ImageStore,
    spec: ContainerSpec,
    layers: Map<string, string>,
  ): Promise<ImageConfig> {
    const image = imageText(spec.image);
    this.logger.info({ node: node.name, image }, "pulling an image");
    let said = "";
    const progress = ({ id, status = "" }: PullProgress) => {
      if (id === undefined || id === spec.image.tag) return;
      layers.set(id, status);
      const now = summary(layers);
      if (now !== said) this.logger.info({ node: node.name, image, progress: now }, "pulling an image");
      said = now;
    };
    try {
      await node.engine.pull(image, registryCredentials(spec), progress);
    } catch (error) {
      if (!(error instanceof EngineError) || error.isSilence) throw error;
      throw new EngineError(
        `No such image: ${image}, and it could not be pulled: ${error.message}`,
        error.status,
      );
    }
    const config = await node.engine.image(image);
    if (!config) throw new EngineError(`No such image: ${image}: the pull did not come to its end`, 500);
    this.logger.info({ node: node.name, image }, "pulled an image");
    return config;
  }
}

function summary(layers: Map<string, string>): string {
  const done = [...layers.values()].filter(status => /^(Pull complete|Already exists)/.test(status)).length;
  return `${done} of ${layers.size} layers`;
}
