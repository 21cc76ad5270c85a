import { about, asContainer, asContainerPage, asLogs } from "./decode";
import { noneIfMissing } from "./errors";
import { findOne } from "./find";
import { everyPage, type Slice } from "./pages";
import { pathOf } from "./references";
import type { RequestOptions, Transport } from "./transport";
import type { Container, ContainerFilters, ContainerSummary, Page } from "./types";

/**
 * The endpoints of containers (Tutum API, "Containers"). A container is named by its uuid or resource URI.
 * Every call throws `TutumApiError`.
 */
export class Containers {
  readonly #api: Transport;

  constructor(api: Transport) {
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
    const request = { method: "GET", path: "container/", query, retry: "safe", ...options } as const;
    return this.#api.call(request, asContainerPage, "Listing containers");
  }

  get(container: string, options: RequestOptions = {}): Promise<Container> {
    const request = {
      method: "GET",
      path: pathOf("container", container),
      retry: "safe",
      ...options,
    } as const;
    return this.#api.call(request, about(container, asContainer), `Reading container ${container}`);
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

  start(container: string, options: RequestOptions = {}): Promise<Container> {
    return this.#act(container, "start/", "Starting", options);
  }

  stop(container: string, options: RequestOptions = {}): Promise<Container> {
    return this.#act(container, "stop/", "Stopping", options);
  }

  async logs(container: string, options: RequestOptions = {}): Promise<string> {
    const path = `${pathOf("container", container)}logs/`;
    const request = { method: "GET", path, retry: "safe", ...options } as const;
    return (await this.#api.call(request, asLogs, `Reading the logs of container ${container}`)).logs;
  }

  /** Destroys the container with its data, and lowers its application's target by one. Asynchronous. */
  terminate(container: string, options: RequestOptions = {}): Promise<Container> {
    const path = pathOf("container", container);
    const request = { method: "DELETE", path, retry: "idempotent", ...options } as const;
    return this.#api.call(request, about(container, asContainer), `Terminating container ${container}`);
  }

  #act(container: string, act: string, doing: string, options: RequestOptions): Promise<Container> {
    const path = pathOf("container", container) + act;
    const request = { method: "POST", path, retry: "ambiguous", ...options } as const;
    return this.#api.call(request, about(container, asContainer), `${doing} container ${container}`);
  }
}
