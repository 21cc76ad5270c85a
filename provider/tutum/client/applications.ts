import { randomUUID } from "node:crypto";
import type { Api, CallOptions, RequestOptions } from "../../http/api";
import { noneIfMissing } from "../../http/api-error";
import type { Decoder } from "../../http/decode";
import { about, asApplication, asApplicationPage, asLogs } from "./decode";
import { findOne } from "./find";
import { everyPage, type Slice } from "./pages";
import { pathOf } from "./references";
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
  readonly #api: Api;

  constructor(api: Api) {
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
    return this.#api.get("application/", asApplicationPage, "Listing applications", { query, ...options });
  }

  get(application: string, options?: RequestOptions): Promise<Application> {
    const path = pathOf("application", application);
    return this.#api.get(path, one(application), `Reading application ${application}`, options);
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
   * An error shows no value of an environment variable, also where the server quotes it.
   */
  create(application: ApplicationCreate, options: RequestOptions = {}): Promise<Application> {
    const doing = `Creating application ${JSON.stringify(application.name ?? application.image)}`;
    const headers = { "Idempotency-Key": randomUUID() };
    const secrets = valuesIn(application);
    const call = { body: application, headers, secrets, ...options };
    return this.#api.post("application/", asApplication, doing, call);
  }

  update(
    application: string,
    changes: ApplicationUpdate,
    options: RequestOptions = {},
  ): Promise<Application> {
    const path = pathOf("application", application);
    const doing = `Updating application ${application}`;
    return this.#api.patch(path, one(application), doing, { body: changes, ...options });
  }

  start(application: string, options?: RequestOptions): Promise<Application> {
    return this.#act("start", application, `Starting application ${application}`, options);
  }

  stop(application: string, options?: RequestOptions): Promise<Application> {
    return this.#act("stop", application, `Stopping application ${application}`, options);
  }

  /** Replaces the containers by new ones of the same image, or of another tag of it. Their data is lost. */
  redeploy(application: string, tag?: string, options: RequestOptions = {}): Promise<Application> {
    const body = tag === undefined ? {} : { tag };
    return this.#act("redeploy", application, `Redeploying application ${application}`, { body, ...options });
  }

  /** Destroys all containers with their data. Asynchronous: the answer's state is Terminating. */
  terminate(application: string, options?: RequestOptions): Promise<Application> {
    const path = pathOf("application", application);
    return this.#api.delete(path, one(application), `Terminating application ${application}`, options);
  }

  /** The logs of all its containers. Not in the documents: servers of mid-2014 have it. */
  async logs(application: string, options?: RequestOptions): Promise<string> {
    const path = `${pathOf("application", application)}logs/`;
    const { logs } = await this.#api.get(
      path,
      asLogs,
      `Reading the logs of application ${application}`,
      options,
    );
    return logs;
  }

  #act(act: string, application: string, doing: string, options?: CallOptions): Promise<Application> {
    const path = `${pathOf("application", application)}${act}/`;
    return this.#api.post(path, one(application), doing, options);
  }
}

/** Of its environment. What is part of a field's name is no secret, and would hide which field an error is about. */
function valuesIn(application: ApplicationCreate): string[] {
  const names = Object.keys(application);
  return (application.container_envvars ?? [])
    .map(({ value }) => value)
    .filter(value => !names.some(name => name.includes(value)));
}

/** A response about this application and no other. */
function one(application: string): Decoder<Application> {
  return about(application, asApplication);
}
