/** Where the API is. There is no default: the retired service's address could belong to anyone. */
import { isLoopback } from "../../http/loopback";
import { environment, Places } from "../../settings/places";
import { isOn } from "../../settings/switch";
import { TutumConfigError } from "./errors";

export interface EndpointSources {
  /** Given in code, or in a stack's configuration: `http://127.0.0.1:8000`, with or without `/api/v1/`. */
  endpoint?: string;
  env?: NodeJS.ProcessEnv;
  /** Allow plain http to another machine. Default: only with `TUTUM_ALLOW_INSECURE=1`. */
  allowInsecure?: boolean;
}

/** The API's base URL, ending in `/api/v1/`. Throws `TutumConfigError` when none is set or it is unusable. */
export function resolveEndpoint(sources: EndpointSources = {}): string {
  const env = sources.env ?? process.env;
  const found = new Places([
    () => ({ name: "The endpoint", values: { endpoint: sources.endpoint } }),
    () => environment(env, { endpoint: "TUTUM_BASE_URL" }),
    () => environment({ TUTUM_REST_HOST: withScheme(env.TUTUM_REST_HOST) }, { endpoint: "TUTUM_REST_HOST" }),
  ]).find("endpoint");
  if (!found) {
    throw new TutumConfigError(
      "No Tutum endpoint is set, and there is no default since the hosted service is gone. " +
        "Name one by TUTUM_BASE_URL, TUTUM_REST_HOST or the option endpoint, or run a server of your own: " +
        "`npx --no-install tutum-server exec -- COMMAND`.",
      "endpoint",
    );
  }
  const { value, place: source } = found;
  const url = parse(value, source);
  const allowed = switchOf(env, "TUTUM_ALLOW_INSECURE");
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !(sources.allowInsecure ?? allowed)) {
    throw new TutumConfigError(
      `${source} is plain http to another machine (${url.host}): the API key would travel in clear. ` +
        "Use https, or set TUTUM_ALLOW_INSECURE=1 where the network is trusted.",
    );
  }
  const path = url.pathname.replace(/\/+$/, "");
  return `${url.origin}${path.endsWith("/api/v1") ? path : `${path}/api/v1`}/`;
}

/** Read also where it makes no difference: a misspelt one is told before it does. */
function switchOf(env: NodeJS.ProcessEnv, name: string): boolean {
  try {
    return isOn(name, env[name]);
  } catch (error) {
    throw new TutumConfigError((error as Error).message);
  }
}

function parse(text: string, source: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url && ["http:", "https:"].includes(url.protocol) && !url.username && !url.search) return url;
  // The text itself is not shown: it may hold a password.
  throw new TutumConfigError(
    `${source} is not the address of an API, like https://tutum.example.com/api/v1/.`,
  );
}

function withScheme(host = ""): string {
  return host === "" || host.includes("://") ? host : `https://${host}`;
}
