/** What the proxy itself answers: plain text, for people and scripts alike. */
import type { ServerResponse } from "node:http";

export interface Page {
  status: number;
  message: string;
}

export const unknownHost = (host: string): Page => ({
  status: 404,
  message: `No application has the web_public_dns ${host}.`,
});

export const nothingRuns = (host: string): Page => ({
  status: 503,
  message: `No container of the application at ${host} runs, or none that can be reached.`,
});

export const noAnswer = (host: string): Page => ({
  status: 502,
  message: `The application at ${host} runs, but none of its containers answers on its port 80.`,
});

export const brokenAnswer = (host: string): Page => ({
  status: 502,
  message: `The application at ${host} broke off, or answered with something that is not HTTP.`,
});

export const tooSlow = (host: string, seconds: number): Page => ({
  status: 504,
  message: `The application at ${host} did not answer within ${seconds} s.`,
});

export const slowClient: Page = { status: 408, message: "The body of the request did not come." };

/** Nothing when the client is told something already: then its connection breaks. */
export function answerWith(page: Page, response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, message } = page;
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(message) + 1,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    ...(status === 503 ? { "Retry-After": "2" } : {}),
    // The rest of a request that was not read must not be taken for the next one.
    Connection: "close",
  });
  response.end(`${message}\n`);
}
