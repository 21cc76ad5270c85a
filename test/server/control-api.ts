/** A test server with the control API on, and a client for it. */
import type { ServerOptions } from "../../server/index";
import { startTestServer, type TestServer } from "./harness";

export interface ControlledServer extends TestServer {
  /** Calls `/_tutum/<path>` with the token, or other headers. */
  ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: T; text: string }>;
}

export async function startControlled(
  options: Parameters<typeof startTestServer>[0] = {},
): Promise<ControlledServer> {
  const server = await startTestServer({ ...options, control: true } satisfies ServerOptions);
  return Object.assign(server, {
    ask: <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      server.call<T>(method, `/_tutum/${path}`, body, {
        Authorization: `Bearer ${server.control?.token}`,
        "Content-Type": "application/json",
        ...headers,
      }),
  });
}
