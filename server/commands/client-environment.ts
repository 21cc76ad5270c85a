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

/** `environment` for a client of this server alone: of the other Tutum variables only this server's own stay. */
export function environmentFor(
  server: { url: string; user: string; apikey: string },
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(
    ([name]) => !name.startsWith("TUTUM_") || name.startsWith("TUTUM_SERVER_"),
  );
  return { ...Object.fromEntries(inherited), ...clientEnvironment(server) };
}
