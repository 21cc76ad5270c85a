import { randomUUID } from "node:crypto";
import { about, asApplication, asApplicationPage, asLogs } from "./decode";
import { noneIfMissing } from "./errors";
import { findOne } from "./find";
import { everyPage, type Slice } from "./pages";
import { pathOf } from "./references";
import type { RequestOptions, Transport } from "./transport";
import type {
  Application,
  ApplicationCreate,
  ApplicationFilters,
  ApplicationSummary,
  ApplicationUpdate,
  Page,
} from "./types";

/**
 * The endpoints of applications (Tutum API, "Applications"). An application is named by its uuid or resource URI.
 * Every call throws `TutumApiError`.
 */
export class Applications {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** All applications that match, page by page, also those terminated less than 5 minutes ago. */
  list(filters: ApplicationFilters = {}, options: RequestOptions = {}): AsyncGenerator<ApplicationSummary> {
    return everyPage(slice => this.page(filters, slice, options));
  }

  /** One page of the list. */
  page(
    filters: ApplicationFilters = {},
    slice: Slice = {},
    options: RequestOptions = {},
  ): Promise<Page<ApplicationSummary>> {
    const query = { ...filters, ...slice };
    const request = { method: "GET", path: "application/", query, retry: "safe", ...options } as const;
    return this.#api.call(request, asApplicationPage, "Listing applications");
  }

  get(application: string, options: RequestOptions = {}): Promise<Application> {
    const request = {
      method: "GET",
      path: pathOf("application", application),
      retry: "safe",
      ...options,
    } as const;
    return this.#api.call(request, about(application, asApplication), `Reading application ${application}`);
  }

  /**
   * The application with this uuid, resource URI, unique name, name, or beginning of a uuid.
   * @throws {TutumLookupError} when there is none or more than one, with the candidates.
   */
  async find(reference: string, options: RequestOptions = {}): Promise<Application> {
    const found = await findOne<ApplicationSummary>(reference, {
      noun: "application",
      byUuid: uuid => this.get(uuid, options).catch(noneIfMissing),
      list: filter => this.list(filter, options),
    });
    return "containers" in found ? (found as Application) : this.get(found.uuid, options);
  }

  /**
   * Creates and deploys. Not safe to repeat: never sent again when the server may have acted. Carries an
   * `Idempotency-Key` of its own, so that a server that knows it makes one application of a request delivered twice.
   */
  create(application: ApplicationCreate, options: RequestOptions = {}): Promise<Application> {
    const request = {
      method: "POST",
      path: "application/",
      body: application,
      headers: { "Idempotency-Key": randomUUID() },
      retry: "ambiguous",
      ...options,
    } as const;
    return this.#api.call(
      request,
      asApplication,
      `Creating application ${JSON.stringify(application.name ?? application.image)}`,
    );
  }

  update(
    application: string,
    changes: ApplicationUpdate,
    options: RequestOptions = {},
  ): Promise<Application> {
    const path = pathOf("application", application);
    const request = { method: "PATCH", path, body: changes, retry: "idempotent", ...options } as const;
    return this.#api.call(request, about(application, asApplication), `Updating application ${application}`);
  }

  start(application: string, options: RequestOptions = {}): Promise<Application> {
    return this.#act(application, "start/", "Starting", undefined, options);
  }

  stop(application: string, options: RequestOptions = {}): Promise<Application> {
    return this.#act(application, "stop/", "Stopping", undefined, options);
  }

  /** Replaces the containers by new ones of the same image, or of another tag of it. Their data is lost. */
  redeploy(application: string, tag?: string, options: RequestOptions = {}): Promise<Application> {
    return this.#act(application, "redeploy/", "Redeploying", tag === undefined ? {} : { tag }, options);
  }

  /** Destroys all containers with their data. Asynchronous: the answer's state is Terminating. */
  terminate(application: string, options: RequestOptions = {}): Promise<Application> {
    const path = pathOf("application", application);
    const request = { method: "DELETE", path, retry: "idempotent", ...options } as const;
    return this.#api.call(
      request,
      about(application, asApplication),
      `Terminating application ${application}`,
    );
  }

  /** The logs of all its containers. Not in the documents: servers of mid-2014 have it. */
  async logs(application: string, options: RequestOptions = {}): Promise<string> {
    const path = `${pathOf("application", application)}logs/`;
    const request = { method: "GET", path, retry: "safe", ...options } as const;
    return (await this.#api.call(request, asLogs, `Reading the logs of application ${application}`)).logs;
  }

  #act(
    application: string,
    act: string,
    doing: string,
    body: unknown,
    options: RequestOptions,
  ): Promise<Application> {
    const path = pathOf("application", application) + act;
    const request = { method: "POST", path, body, retry: "ambiguous", ...options } as const;
    return this.#api.call(request, about(application, asApplication), `${doing} application ${application}`);
  }
}
