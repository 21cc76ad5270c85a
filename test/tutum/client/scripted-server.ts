import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
  /** Number of the connection it came on. */
  connection: number;
}

/** A server that answers each request as the test says, and remembers what it received. */
export async function scriptedServer(
  answer: (response: ServerResponse, request: Received, before: number) => void,
): Promise<{ url: string; received: Received[]; close(): Promise<void> }> {
  const received: Received[] = [];
  const connections = new Map<unknown, number>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", chunk => {
      body += chunk;
    });
    request.on("end", () => {
      if (!connections.has(request.socket)) connections.set(request.socket, connections.size);
      const { method = "", url = "", headers } = request;
      const record = { method, url, headers, body, connection: connections.get(request.socket) ?? -1 };
      received.push(record);
      answer(response, record, received.length - 1);
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
