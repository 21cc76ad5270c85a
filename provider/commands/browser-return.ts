/** Where a browser comes back to when somebody has said yes or no on another site: a page on this machine. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface BrowserReturn {
  /** Where to send the browser. Nobody can guess it. */
  url: string;
  /** Aborted when the browser has come. */
  returned: AbortSignal;
  close(): Promise<void>;
}

/** `words` are what the page says. */
export async function awaitBrowser(words: string): Promise<BrowserReturn> {
  const returned = new AbortController();
  const path = `/${randomBytes(16).toString("hex")}`;
  const server = createServer((request, response) => {
    const isIt = request.url?.split("?")[0] === path;
    response.writeHead(isIt ? 200 : 404, {
      "Content-Type": "text/plain; charset=utf-8",
      Connection: "close",
    });
    response.end(isIt ? `${words}\n` : "Not found\n", () => {
      if (isIt) returned.abort();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    returned: returned.signal,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
