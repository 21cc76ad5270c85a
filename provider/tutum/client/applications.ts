import { TutumApiError } from "./errors";
import type { Transport } from "./tutum-client";
import type {
  Application,
  ApplicationCreate,
  ApplicationFilters,
  ApplicationSummary,
  ApplicationUpdate,
  Page,
} from "./types";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const RESOURCE_URI = /^(?:https?:\/\/[^/]+)?\/api\/v1\/application\/([^/]+)\/?$/;
/** The most the API gives at once. */
const PAGE_SIZE = 100;

export interface RequestOptions {
  signal?: AbortSignal;
}

/** The endpoints of applications (Tutum API, "Applications"). Every call throws `TutumApiError`. */
export class Applications {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** All applications that match, page by page, also those terminated less than 5 minutes ago. */
  async *list(
    filters: ApplicationFilters = {},
    options: RequestOptions = {},
  ): AsyncGenerator<ApplicationSummary> {
    for (let offset = 0; ; ) {
      const page = await this.page(filters, { offset, limit: PAGE_SIZE }, options);
      yield* page.objects;
      offset += page.objects.length;
      if (page.meta.next === null || page.objects.length === 0) return;
    }
  }

  /** One page; `limit` is at most 100 (default: 25). */
  async page(
    filters: ApplicationFilters = {},
    slice: { offset?: number; limit?: number } = {},
    options: RequestOptions = {},
  ): Promise<Page<ApplicationSummary>> {
    const request = {
      method: "GET",
      path: "application/",
      query: { ...filters, ...slice },
      ...options,
    } as const;
    return asPage(await this.#api.request(request, "Listing applications"));
  }

  async get(uuid: string, options: RequestOptions = {}): Promise<Application> {
    return this.#one({ method: "GET", path: pathOf(uuid), ...options }, `Reading application ${uuid}`);
  }

  /** Creates and deploys. Not safe to repeat: sent on a connection of its own. */
  async create(application: ApplicationCreate, options: RequestOptions = {}): Promise<Application> {
    const request = {
      method: "POST",
      path: "application/",
      body: application,
      freshConnection: true,
      ...options,
    } as const;
    return this.#one(
      request,
      `Creating application ${JSON.stringify(application.name ?? application.image)}`,
    );
  }

  async update(uuid: string, changes: ApplicationUpdate, options: RequestOptions = {}): Promise<Application> {
    return this.#one(
      { method: "PATCH", path: pathOf(uuid), body: changes, ...options },
      `Updating application ${uuid}`,
    );
  }

  async start(uuid: string, options: RequestOptions = {}): Promise<Application> {
    return this.#one(
      { method: "POST", path: `${pathOf(uuid)}start/`, ...options },
      `Starting application ${uuid}`,
    );
  }

  async stop(uuid: string, options: RequestOptions = {}): Promise<Application> {
    return this.#one(
      { method: "POST", path: `${pathOf(uuid)}stop/`, ...options },
      `Stopping application ${uuid}`,
    );
  }

  /** Destroys all containers with their data. Asynchronous: the answer's state is Terminating. */
  async terminate(uuid: string, options: RequestOptions = {}): Promise<Application> {
    return this.#one({ method: "DELETE", path: pathOf(uuid), ...options }, `Terminating application ${uuid}`);
  }

  async #one(request: Parameters<Transport["request"]>[0], action: string): Promise<Application> {
    const body = await this.#api.request(request, action);
    if (isRecord(body) && typeof body.uuid === "string" && typeof body.state === "string")
      return body as unknown as Application;
    throw senseless(request, action, "no application");
  }
}

/** The uuid in a resource URI, or the text itself. */
export function uuidOf(reference: string): string {
  return RESOURCE_URI.exec(reference)?.[1] ?? reference;
}

export function resourceUri(uuid: string): string {
  return `/api/v1/application/${uuid}/`;
}

/** Nothing but a uuid enters a path: `..` would reach other endpoints. */
function pathOf(uuid: string): string {
  if (UUID.test(uuid)) return `application/${uuid}/`;
  throw new TypeError(`${JSON.stringify(uuid)} is not the uuid of an application`);
}

function asPage(body: unknown): Page<ApplicationSummary> {
  if (isRecord(body) && Array.isArray(body.objects) && isRecord(body.meta)) {
    return {
      meta: { next: null, ...body.meta },
      objects: body.objects,
    } as unknown as Page<ApplicationSummary>;
  }
  throw senseless({ method: "GET", path: "application/" }, "Listing applications", "no list");
}

function senseless(at: { method: string; path: string }, action: string, what: string): TutumApiError {
  const ambiguous = at.method !== "GET";
  return new TutumApiError({
    ...at,
    message: `${action} failed: the answer holds ${what}.`,
    status: 200,
    ambiguous,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
