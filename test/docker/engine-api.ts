/** The Engine's own HTTP API on its socket: what setting up and looking into an engine takes. */
import { request } from "node:http";

export interface EngineAnswer {
  status: number;
  text: string;
}

export function askEngine(
  socketPath: string,
  method: string,
  path: string,
  body?: object | Buffer,
): Promise<EngineAnswer> {
  const binary = Buffer.isBuffer(body);
  const headers = body ? { "Content-Type": binary ? "application/x-tar" : "application/json" } : {};
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, headers, agent: false }, async answer => {
      try {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(await answer.toArray()).toString() });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.on("error", reject);
    outgoing.end(binary ? body : body && JSON.stringify(body));
  });
}

/** The answer's JSON; throws on anything but success. */
export async function engineCall<T>(
  socketPath: string,
  method: string,
  path: string,
  body?: object | Buffer,
): Promise<T> {
  const { status, text } = await askEngine(socketPath, method, path, body);
  if (status >= 300) throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
  return (text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : undefined) as T;
}
