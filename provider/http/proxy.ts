/** What is known of a proxy between here and the server, from what axios leaves on a request. Never its credentials. */

interface Sent {
  agent?: { proxy?: { host?: string | null; hostname?: string | null; port?: string | number | null } };
  host?: string;
  path?: string;
  socket?: { encrypted?: boolean } | null;
}

/** `proxy.example.com:3128`, or undefined when the request went straight to the server. */
export function proxyOf(request: unknown, target: URL): string | undefined {
  const { agent, host, path } = (request ?? {}) as Sent;
  if (agent?.proxy) {
    const { host: name, hostname, port } = agent.proxy;
    return [name ?? hostname, port].filter(Boolean).join(":");
  }
  // To a proxy the whole address is sent, and of plain http the proxy is the host.
  return target.protocol === "http:" && path?.startsWith("http://") ? host : undefined;
}

/**
 * Whether the proxy answered in the server's place: it refused to make the tunnel (the answer came without TLS), or it
 * asks for credentials of its own.
 */
export function isProxyAnswer(request: unknown, target: URL, status: number): boolean {
  if (status === 407) return true;
  const { socket } = (request ?? {}) as Sent;
  return target.protocol === "https:" && socket !== null && socket !== undefined && !socket.encrypted;
}
