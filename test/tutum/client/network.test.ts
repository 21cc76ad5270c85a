import { readFileSync } from "node:fs";
import { createServer as createProxy, type IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { isTutumApiError, TutumClient } from "../../../provider/tutum/client";
import { scriptedServer } from "./scripted-server";

const PAGE = JSON.stringify({ meta: {}, objects: [] });
const account = { user: "me", apikey: "canary-key", allowInsecure: true };

describe("the way to the server", () => {
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });

  const listening = async (server: {
    listen(port: number, host: string, done: () => void): unknown;
    address(): unknown;
  }) => {
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };

  test("a proxy of the environment is used for other machines, and never for this one", async () => {
    const seen: string[] = [];
    const proxy = createProxy((request: IncomingMessage, response) => {
      seen.push(request.url ?? "");
      response.end(PAGE);
    });
    process.env.HTTP_PROXY = process.env.http_proxy = `http://127.0.0.1:${await listening(proxy)}`;
    const server = await scriptedServer(response => response.end(PAGE));

    await new TutumClient({ ...account, endpoint: server.url, env: {} }).applications.page();
    expect(seen).toEqual([]);
    expect(server.received).toHaveLength(1);

    await new TutumClient({ ...account, endpoint: "http://tutum.example.test", env: {} }).applications.page();
    expect(seen).toEqual(["http://tutum.example.test/api/v1/application/"]);
    await server.close();
    proxy.close();
  });

  test.each([
    [401, "the proxy 127.0.0.1:PORT does not let this through (status 401)"],
    [407, "the proxy 127.0.0.1:PORT asks for credentials (status 407)"],
    [502, "the proxy 127.0.0.1:PORT does not let this through (status 502)"],
  ])(
    "what a proxy answers to CONNECT (%p) is the proxy's answer, without its password",
    async (status, words) => {
      const proxy = createProxy();
      proxy.on("connect", (_request, socket) =>
        socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`),
      );
      const port = await listening(proxy);
      process.env.HTTPS_PROXY = process.env.https_proxy = `http://someone:canary-pass@127.0.0.1:${port}`;
      const error = await new TutumClient({
        ...account,
        endpoint: "https://tutum.example.test",
        env: {},
      }).applications
        .create({ image: "a/b" })
        .catch((error: unknown) => error);
      expect(String(error)).toContain(
        `cannot reach https://tutum.example.test/api/v1/: ${words.replace("PORT", String(port))}. Check HTTPS_PROXY`,
      );
      expect(String(error)).not.toContain("canary");
      expect(isTutumApiError(error) && [error.ambiguous, error.name]).toEqual([false, "TutumApiError"]);
      proxy.close();
    },
  );

  test.each(["https://tutum.example.test", "http://tutum.example.test"])(
    "a proxy that is not there is named, not the server (%s)",
    async endpoint => {
      for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
        process.env[name] = "http://127.0.0.1:1";
      const error = await new TutumClient({ ...account, endpoint, env: {} }).applications
        .page()
        .catch((error: unknown) => error);
      expect(String(error)).toMatch(
        /connection refused by the proxy 127\.0\.0\.1(:1)? \(ECONNREFUSED\)\. Check HTTPS_PROXY/,
      );
    },
  );

  test("a certificate that nobody vouches for is refused before anything is sent", async () => {
    const [key, cert] = ["tls-key.pem", "tls-cert.pem"].map(name =>
      readFileSync(join(__dirname, "fixtures", name)),
    );
    let requests = 0;
    const server = createServer({ key, cert }, (_request, response) => {
      requests++;
      response.end(PAGE);
    });
    const endpoint = `https://127.0.0.1:${await listening(server)}`;
    const error = await new TutumClient({ ...account, endpoint, env: {} }).applications
      .page()
      .catch((error: unknown) => error);
    expect(isTutumApiError(error) && error.message).toContain(
      "the TLS certificate is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT)",
    );
    expect(isTutumApiError(error) && error.ambiguous).toBe(false);
    expect(requests).toBe(0);
    server.close();
  });

  test("the address of the retired service gets a hint", async () => {
    process.env.HTTPS_PROXY = process.env.https_proxy = "http://127.0.0.1:1";
    const error = await new TutumClient({
      ...account,
      endpoint: "https://app.tutum.co",
      env: {},
    }).applications
      .page()
      .catch((error: unknown) => error);
    expect(String(error)).toContain("The hosted Tutum service is gone: run a server of your own");
  });
});
