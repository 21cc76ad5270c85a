import { inspect } from "node:util";
import { systemClock } from "../../../provider/http/clock";
import { RetryBudget } from "../../../provider/http/retry";
import { isOvhApiError, OvhClient } from "../../../provider/ovh/client";
import { type Received, scriptedServer } from "../../tutum/client/scripted-server";

type Reply = [status: number, text: string];
type Server = Awaited<ReturnType<typeof scriptedServer>>;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const token = (n: number, expires_in = 3600): Reply => [
  200,
  JSON.stringify({ access_token: `canary-token-${n}`, token_type: "Bearer", expires_in, scope: "all" }),
];

/** `tokens` answers the nth request for a token, `calls` each call. */
async function connected(
  tokens: (n: number) => Reply,
  calls: (request: Received) => Reply = () => [200, "1"],
) {
  let asked = 0;
  const server = await scriptedServer((response, request) => {
    const [status, text] = request.url === "/oauth2/token" ? tokens(++asked) : calls(request);
    response.writeHead(status).end(text);
  });
  servers.push(server);
  const clock = { ...systemClock, ahead: 0, now: () => systemClock.now() + clock.ahead };
  const client = new OvhClient({
    endpoint: `${server.url}/1.0`,
    tokenAddress: `${server.url}/oauth2/token`,
    clientId: "EU.me",
    clientSecret: "canary:secret",
    env: {},
    clock,
    random: () => 0,
    retryBudget: new RetryBudget(),
  });
  const count = (url: string) => server.received.filter(request => request.url === url).length;
  return { server, client, clock, count };
}

describe("OAuth2 with client credentials", () => {
  test("takes one token for ten calls at once, and sends no signature", async () => {
    const { server, client, count } = await connected(token);
    await Promise.all(Array.from({ length: 10 }, () => client.get("/me")));
    expect([count("/oauth2/token"), count("/1.0/me"), server.received.length]).toEqual([1, 10, 11]);
    const [asked, call] = server.received;
    expect(asked).toMatchObject({ method: "POST", body: "grant_type=client_credentials&scope=all" });
    expect(asked?.headers.authorization).toBe(
      `Basic ${Buffer.from("EU.me:canary%3Asecret").toString("base64")}`,
    );
    expect(call?.headers.authorization).toBe("Bearer canary-token-1");
    expect(Object.keys(call?.headers ?? {}).filter(name => name.startsWith("x-ovh"))).toEqual([]);
  });

  test("takes a new token when the old one has expired, one for all that need it", async () => {
    const { client, clock, count } = await connected(token);
    await client.get("/me");
    clock.ahead = 3_595_000;
    await Promise.all(Array.from({ length: 5 }, () => client.get("/me")));
    expect(count("/oauth2/token")).toBe(2);
  });

  test("takes a new token when the old one is refused, one for all whose call was", async () => {
    const { client, count } = await connected(token, ({ headers }) =>
      headers.authorization === "Bearer canary-token-1" ? [401, "{}"] : [200, "1"],
    );
    await Promise.all(Array.from({ length: 5 }, () => client.post("/x")));
    expect([count("/oauth2/token"), count("/1.0/x")]).toEqual([2, 10]);
  });

  test("believes a refusal of the new one", async () => {
    const { client, count } = await connected(token, () => [401, "{}"]);
    await expect(client.get("/me")).rejects.toThrow(/the token is not accepted, nor is a new one/);
    expect([count("/oauth2/token"), count("/1.0/me")]).toEqual([2, 2]);
  });

  test("uses a token that has no time once, and asks for no two at once", async () => {
    const { client, count } = await connected(n => token(n, 0));
    await client.get("/me");
    await client.get("/me");
    expect(count("/oauth2/token")).toBe(2);
  });

  test.each<[string, Reply, string, string]>([
    [
      "a failure of the server",
      [503, ""],
      "server",
      "Asking for a token failed: the server answered status 503 (POST",
    ],
    ["an answer that is no JSON", [200, "<html>canary:secret"], "unexpected", "came without JSON"],
    [
      "an answer without a token",
      [200, "{}"],
      "unexpected",
      "the answer holds no token (access_token is not as documented)",
    ],
    [
      "a refusal",
      [400, '{"error":"invalid_client","error_description":"no canary:secret"}'],
      "unauthenticated",
      "Asking for a token failed: the id or the secret of the OAuth2 client is not accepted (status 400: no ***).",
    ],
  ])("explains %s", async (_what, reply, kind, words) => {
    const { client, count } = await connected(() => reply);
    const error = await client.get("/me").catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(words);
    expect(isOvhApiError(error) && error.kind).toBe(kind);
    expect(count("/1.0/me")).toBe(0);
    expect(inspect([error, client], { depth: 20, showHidden: true })).not.toContain("canary");
  });

  test("shows no token in an error", async () => {
    const { client } = await connected(token, ({ headers }) => [
      403,
      JSON.stringify({ message: headers.authorization }),
    ]);
    const error = await client.get("/me").catch((thrown: unknown) => thrown);
    expect(inspect([error, client], { depth: 20, showHidden: true })).not.toContain("canary");
  });

  test("has no consumer keys to request", async () => {
    const { client } = await connected(token);
    await expect(client.requestConsumerKey([])).rejects.toThrow("An OAuth2 client has no consumer keys");
  });
});
