/** The variables Tutum clients read to find a server and its key. */
export function clientEnvironment(server: {
  url: string;
  user: string;
  apikey: string;
}): Record<string, string> {
  return {
    TUTUM_BASE_URL: `${server.url}/api/v1/`,
    TUTUM_USER: server.user,
    TUTUM_APIKEY: server.apikey,
    TUTUM_AUTH: `ApiKey ${server.user}:${server.apikey}`,
  };
}

/**
 * `environment` for a client of this server alone: of the other Tutum variables only this server's own stay, of another
 * API's (those whose names begin as one of `others`) none.
 */
export function environmentFor(
  server: { url: string; user: string; apikey: string },
  environment: NodeJS.ProcessEnv,
  others: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const families = new Set(Object.keys(others).map(family));
  const inherited = Object.entries(environment).filter(
    ([name]) =>
      !families.has(family(name)) && (family(name) !== "TUTUM_" || name.startsWith("TUTUM_SERVER_")),
  );
  return { ...Object.fromEntries(inherited), ...clientEnvironment(server), ...others };
}

/** `OVH_` of `OVH_ENDPOINT`. */
function family(name: string): string {
  return /^[^_]*_/.exec(name)?.[0] ?? name;
}
