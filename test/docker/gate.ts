/**
 * In front of an engine: what changes containers waits until it is let through, as simulated containers wait for their
 * clock. Everything else goes on.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

export interface Gate {
  socket: string;
  open(): void;
  close(): void;
  end(): Promise<void>;
}

const CHANGE = /^(POST \/containers\/[^/]+\/(start|stop)|DELETE \/containers\/)/;

export async function createGate(engine: string, socket: string): Promise<Gate> {
  let isOpen = false;
  let waiting: (() => void)[] = [];
  const server = createServer((incoming, response) => {
    const pass = () => forward(engine, incoming, response);
    if (isOpen || !CHANGE.test(`${incoming.method} ${incoming.url}`)) pass();
    else waiting.push(pass);
  });
  server.listen(socket);
  await once(server, "listening");
  return {
    socket,
    open() {
      isOpen = true;
      for (const pass of waiting.splice(0)) pass();
    },
    close() {
      isOpen = false;
    },
    async end() {
      waiting = [];
      server.closeAllConnections();
      server.close();
    },
  };
}

function forward(socketPath: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, url: path, headers } = incoming;
  const outgoing = request({ socketPath, method, path, headers, agent: false }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  response.on("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}
