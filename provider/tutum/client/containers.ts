import type { Api, RequestOptions } from "../../http/api";
import { noneIfMissing } from "../../http/api-error";
import type { Decoder } from "../../http/decode";
import { about, asContainer, asContainerPage, asLogs } from "./decode";
import { findOne } from "./find";
import { everyPage, type Slice } from "./pages";
import { pathOf } from "./references";
import type { Container, ContainerFilters, ContainerSummary, Page } from "./types";

/**
 * The endpoints of containers (Tutum API, "Containers"). A container is named by its uuid or resource URI.
 * Every call throws `TutumApiError`.
 */
export class Containers {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** All containers that match, of all applications, page by page. */
  list(filters: ContainerFilters = {}, options: RequestOptions = {}): AsyncGenerator<ContainerSummary> {
    return everyPage(slice => this.page(filters, slice, options));
  }

  /** One page of the list. */
  page(
    filters: ContainerFilters = {},
    slice: Slice = {},
    options: RequestOptions = {},
  ): Promise<Page<ContainerSummary>> {
    const query = { ...filters, ...slice };
    return this.#api.get("container/", asContainerPage, "Listing containers", { query, ...options });
  }

  get(container: string, options?: RequestOptions): Promise<Container> {
    return this.#api.get(
      pathOf("container", container),
      one(container),
      `Reading container ${container}`,
      options,
    );
  }

  /**
   * The container with this uuid, resource URI, unique name, name, or beginning of a uuid.
   * @throws {TutumLookupError} when there is none or more than one, with the candidates.
   */
  async find(reference: string, options: RequestOptions = {}): Promise<Container> {
    const found = await findOne<ContainerSummary>(reference, {
      noun: "container",
      byUuid: uuid => this.get(uuid, options).catch(noneIfMissing),
      list: filter => this.list(filter, options),
    });
    return "container_envvars" in found ? (found as Container) : this.get(found.uuid, options);
  }

  start(container: string, options?: RequestOptions): Promise<Container> {
    return this.#act("start", container, `Starting container ${container}`, options);
  }

  stop(container: string, options?: RequestOptions): Promise<Container> {
    return this.#act("stop", container, `Stopping container ${container}`, options);
  }

  async logs(container: string, options?: RequestOptions): Promise<string> {
    const path = `${pathOf("container", container)}logs/`;
    const { logs } = await this.#api.get(path, asLogs, `Reading the logs of container ${container}`, options);
    return logs;
  }

  /** Destroys the container with its data, and lowers its application's target by one. Asynchronous. */
  terminate(container: string, options?: RequestOptions): Promise<Container> {
    const path = pathOf("container", container);
    return this.#api.delete(path, one(container), `Terminating container ${container}`, options);
  }

  #act(act: string, container: string, doing: string, options?: RequestOptions): Promise<Container> {
    return this.#api.post(`${pathOf("container", container)}${act}/`, one(container), doing, options);
  }
}

/** A response about this container and no other. */
function one(container: string): Decoder<Container> {
  return about(container, asContainer);
}
