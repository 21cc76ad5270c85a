import { HttpClient, HttpFailure, type HttpRequest } from "../../http/http-client";
import { Applications } from "./applications";
import { resolveCredentials } from "./credentials";
import { resolveEndpoint } from "./endpoint";
import { serverMessage, TutumApiError } from "./errors";
import { USER_AGENT } from "./version";

/** All optional: what is not given is looked up in the environment and `~/.tutum`. The object is not changed. */
export interface TutumClientOptions {
  /** Address of the API, with or without `/api/v1/`. Else `TUTUM_BASE_URL`, then `TUTUM_REST_HOST`. */
  endpoint?: string;
  /** Else from `TUTUM_AUTH`, then `~/.tutum`, then `TUTUM_USER`. */
  user?: string;
  /** Else from `TUTUM_AUTH`, then `~/.tutum`, then `TUTUM_APIKEY`. */
  apikey?: string;
  /** Allow plain http to another machine. Default: only with `TUTUM_ALLOW_INSECURE=1`. */
  allowInsecure?: boolean;
  /** Total time of one request in milliseconds. Default: 60,000. */
  timeout?: number;
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
}

/** How the client's nouns ask: one request, a decoded answer of a 2xx status, anything else an error. */
export interface Transport {
  request(request: HttpRequest, action: string): Promise<unknown>;
}

/**
 * The Tutum API v1.
 *
 * @example
 * const tutum = new TutumClient();
 * for await (const application of tutum.applications.list({ state: "Running" })) console.log(application.name);
 *
 * @throws {TutumConfigError} when no endpoint or no credentials are found.
 */
export class TutumClient {
  readonly applications: Applications;
  /** The API's base URL, ending in `/api/v1/`. */
  readonly endpoint: string;
  /** A hash of the user's name. */
  readonly userHash: string;

  constructor(options: TutumClientOptions = {}) {
    this.endpoint = resolveEndpoint(options);
    const credentials = resolveCredentials(options);
    this.userHash = credentials.userHash;
    const http = new HttpClient({
      baseUrl: this.endpoint,
      headers: { Authorization: credentials.authorization, "User-Agent": USER_AGENT },
      timeout: options.timeout,
    });
    this.applications = new Applications(transport(http));
  }
}

function transport(http: HttpClient): Transport {
  return {
    async request(request, action) {
      const path = request.path;
      const at = { method: request.method, path };
      try {
        const { status, text } = await http.send(request);
        const body = decode(text);
        if (status >= 200 && status < 300 && body !== undefined) return body;
        throw answered(http.baseUrl, at, action, status, body);
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        const message = error.sent
          ? `${action} failed: ${error.message} (${at.method} ${http.baseUrl}${path}).`
          : `${action} failed: cannot reach ${http.baseUrl}: ${error.message}. Is the server running there?`;
        throw new TutumApiError({ ...at, message, ambiguous: error.sent && request.method !== "GET" });
      }
    },
  };
}

/** Undefined when the text is not JSON; an empty text is an empty object. */
function decode(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answered(
  baseUrl: string,
  at: { method: string; path: string },
  action: string,
  status: number,
  body: unknown,
): TutumApiError {
  const words = serverMessage(body);
  const where = `${at.method} ${baseUrl}${at.path}`;
  const said = words ? `: ${words}` : "";
  if (status === 401) {
    const message = `${action} failed: ${baseUrl} does not accept these credentials (status 401). Check the user and the API key.`;
    return new TutumApiError({ ...at, status, message, serverMessage: words });
  }
  const problem =
    status < 300 ? `answered status ${status} without JSON` : `answered status ${status}${said}`;
  return new TutumApiError({
    ...at,
    status,
    message: `${action} failed: the server ${problem} (${where}).`,
    serverMessage: words,
    ambiguous: at.method !== "GET" && (status < 400 || status >= 500),
  });
}
