/**
 * The Engine API over HTTP: on a socket, a port, TLS, or ssh. Our own, since every client library for Node brings ssh2,
 * which compiles itself when it is installed, and the calls of a backend are few. Errors are `EngineError`s.
 *
 *     send · ask · stream · events
 */
import http, { type Agent, type IncomingMessage } from "node:http";
import https from "node:https";
import { addAbortSignal, type Readable } from "node:stream";
import type { RegistryCredentials } from "../containers/registry";
import { EngineError } from "./engine-error";

/** How an engine is connected to, in the words of node:http. */
export interface EngineAddress {
  protocol: "http" | "https";
  host?: string;
  port?: string;
  socketPath?: string;
  ca?: string;
  cert?: string;
  key?: string;
  agent?: Agent;
}

export interface EngineRequest {
  query?: Record<string, string | number | boolean>;
  body?: object;
  /** For the registry that the engine is to ask. */
  credentials?: RegistryCredentials | undefined;
  /** How long the response may take, to the last byte, in ms; default: as long as it takes. */
  within?: number;
  signal?: AbortSignal;
}

type Method = "GET" | "POST" | "DELETE";

/** Longer than any event or step of a pull. */
const LINE_LIMIT = 4 * 1024 * 1024;

export class Connection {
  constructor(private readonly address: EngineAddress) {}

  /** The response's bytes. */
  async send(method: Method, path: string, request: EngineRequest = {}): Promise<Buffer> {
    try {
      return await bytesOf(await this.stream(method, path, request));
    } catch (error) {
      throw asEngineError(error);
    }
  }

  /** The response's JSON. */
  async ask<T>(method: Method, path: string, request?: EngineRequest): Promise<T> {
    return parse<T>((await this.send(method, path, request)).toString());
  }

  /** The response, whose bytes come as the engine writes them. */
  async stream(method: Method, path: string, request: EngineRequest = {}): Promise<IncomingMessage> {
    const { within } = request;
    const time = within === undefined ? [] : [AbortSignal.timeout(within)];
    const signal = AbortSignal.any([...time, ...(request.signal ? [request.signal] : [])]);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { protocol, ...address } = this.address;
      const content = request.body && JSON.stringify(request.body);
      const headers = {
        ...(content
          ? { "content-type": "application/json", "content-length": Buffer.byteLength(content) }
          : {}),
        ...(request.credentials ? { "x-registry-auth": registryAuth(request.credentials) } : {}),
      };
      const options = { ...address, method, path: target(path, request.query), headers, signal };
      const outgoing = (protocol === "https" ? https : http).request(options, resolve);
      outgoing.on("error", error => reject(asEngineError(error)));
      outgoing.end(content);
    });
    // Anyone who reads it gets the error too; unread it ends nothing.
    addAbortSignal(signal, response).on("error", () => {});
    const { statusCode = 0, statusMessage } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    const text = (await bytesOf(response).catch(() => "")).toString();
    throw new EngineError(wordsOf(text) ?? (text.trim() || `${statusCode} ${statusMessage}`), statusCode);
  }

  /** The engine's events, until `signal`; `ended` is called once, for whatever reason there are no more. */
  async events<T>(
    filters: object,
    signal: AbortSignal,
    ended: () => void,
    happened: (event: T) => void,
  ): Promise<void> {
    const response = await this.stream("GET", "/events", {
      query: { filters: JSON.stringify(filters) },
      signal,
    });
    const follow = async () => {
      for await (const event of jsonLines<T>(response)) happened(event);
    };
    void follow().then(ended, ended);
  }
}

/** Each line's JSON, until the engine ends the response. */
export async function* jsonLines<T>(response: Readable): AsyncGenerator<T> {
  let rest = "";
  try {
    for await (const text of response.setEncoding("utf8")) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LINE_LIMIT) throw new EngineError("The engine's response has a line without an end");
      for (const line of lines) if (line.trim() !== "") yield parse<T>(line);
    }
  } catch (error) {
    throw asEngineError(error);
  }
  if (rest.trim() !== "") yield parse<T>(rest);
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function target(path: string, query: EngineRequest["query"] = {}): string {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  // A name may have slashes, as an image's, and nothing that would begin another part.
  const written = encodeURI(path).replace(/[?#]/g, encodeURIComponent);
  return search.size === 0 ? written : `${written}?${search}`;
}

/** Engines want the URL's alphabet, padded. */
function registryAuth(credentials: RegistryCredentials): string {
  return Buffer.from(JSON.stringify(credentials)).toString("base64").replace(/\+/g, "-").replace(/\//g, "_");
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new EngineError(`The engine's response is not JSON: ${text.slice(0, 200)}`);
  }
}

function wordsOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Of what is thrown while the engine does not answer, or no longer. */
function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { message, code, name, cause } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError" || (cause as Error | undefined)?.name === "TimeoutError")
    return new EngineError("The engine did not answer in time");
  // Where a name has several addresses, each failed for a reason of its own, and the whole has no words.
  return new EngineError(message || code || name);
}
