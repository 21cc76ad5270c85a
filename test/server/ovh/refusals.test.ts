/** Who may ask: keys, clock, signature, address and rules, in this order, and what is answered to all others. */
import { type OvhServer, refused, type Sent, startOvh, told } from "./ovh-server";

const ZONE = "/domain/zone/example.org";

const LOGIN = refused(401, "You must login first", "NOT_CREDENTIAL");
const APPLICATION = refused(403, "This application key is invalid", "INVALID_KEY");
const CONSUMER = refused(403, "This credential does not exist", "NOT_CREDENTIAL");
const CREDENTIAL = refused(403, "This credential is not valid", "INVALID_CREDENTIAL");
const TIME = refused(400, "Query out of time", "QUERY_TIME_OUT");
const SIGNATURE = refused(400, "Invalid signature", "INVALID_SIGNATURE");
const ADDRESS = refused(403, "This credential may not be used from this address", "FORBIDDEN");
const RULE = refused(403, "This call has not been granted", "NOT_GRANTED_CALL");
const URL_UNKNOWN = refused(404, "Got an invalid (or empty) URL", "INVALID_URL");

const FULL = ["GET", "POST", "PUT", "DELETE"].map(method => ({ method, path: "/*" }));
const BAD_SIGNATURE: Sent = { signed: { body: "other" } };

/** A validated key. */
async function key(
  { ask, answer }: OvhServer,
  rules: object[],
  more: object = {},
  form?: Record<string, string>,
) {
  const { consumerKey, validationUrl } = await ask(rules, more);
  await answer(validationUrl, form);
  return { consumer: consumerKey };
}

test("of several things that are wrong, the first in this order is told", async () => {
  const ovh = await startOvh();
  const { call } = ovh;
  const pending = { consumer: (await ovh.ask(FULL)).consumerKey };
  const elsewhere = await key(ovh, [], { allowedIPs: ["10.0.0.0/8"] });
  const nothing = await key(ovh, []);
  const all: Sent = { off: 1_000, ...BAD_SIGNATURE };
  const cases: [Sent, unknown][] = [
    [{ unsigned: true, headers: { "X-Ovh-Application": "none" } }, LOGIN],
    [{ ...all, keys: { application: "none", consumer: "none" } }, APPLICATION],
    [{ ...all, headers: { "X-Ovh-Application": undefined } }, APPLICATION],
    [{ ...all, keys: { consumer: "none" } }, CONSUMER],
    [{ ...all, keys: pending }, CREDENTIAL],
    [{ ...all, keys: elsewhere }, TIME],
    [{ ...BAD_SIGNATURE, keys: elsewhere }, SIGNATURE],
    [{ keys: elsewhere }, ADDRESS],
    [{ keys: nothing }, RULE],
    [{}, URL_UNKNOWN],
  ];
  for (const [sent, expected] of cases)
    expect(told(await call("GET", "/nowhere", undefined, sent))).toEqual(expected);
});

test("an error has class, message, errorCode and httpCode", async () => {
  const { call } = await startOvh();
  const { status, headers, text } = await call("GET", "/me", undefined, { keys: { consumer: "none" } });
  expect([status, headers.get("Content-Type"), JSON.parse(text)]).toEqual([
    403,
    "application/json",
    {
      class: "Client::Forbidden",
      message: "This credential does not exist",
      errorCode: "NOT_CREDENTIAL",
      httpCode: "403 Forbidden",
    },
  ]);
});

test("each of the three signed headers must be there", async () => {
  const { call } = await startOvh();
  for (const name of ["X-Ovh-Consumer", "X-Ovh-Timestamp", "X-Ovh-Signature"]) {
    expect(told(await call("GET", "/me", undefined, { headers: { [name]: undefined } }))).toEqual(LOGIN);
  }
});

test("another application's secret signs nothing", async () => {
  const { call } = await startOvh();
  expect(told(await call("GET", "/me", undefined, { keys: { secret: "other" } }))).toEqual(SIGNATURE);
});

test("a signature is over the body's bytes: spaces, escapes and letters beyond ASCII as they were sent", async () => {
  const { call, get } = await startOvh();
  for (const raw of [
    '{"fieldType": "TXT", "target": "with spaces", "subDomain": "a"}',
    '{"fieldType":"TXT","target":"h\\u00e9t\\u00e9","subDomain":"b"}',
    '{"fieldType":"TXT","target":"hété ☃ \\u003c","subDomain":"c"}',
    ' {"fieldType":"TXT",\n"target":"lines","subDomain":"d"} ',
  ]) {
    const answer = await call("POST", `${ZONE}/record`, undefined, { raw });
    expect([answer.status, answer.body.target]).toEqual([200, JSON.parse(raw).target]);
    const otherwise = { raw, signed: { body: JSON.stringify(JSON.parse(raw)) } };
    if (otherwise.signed.body !== raw)
      expect(told(await call("POST", `${ZONE}/record`, undefined, otherwise))).toEqual(SIGNATURE);
  }
  expect(await get(`${ZONE}/record?fieldType=TXT`)).toHaveLength(4);
  // An old client sends an empty object where there is nothing to say.
  expect((await call("POST", `${ZONE}/refresh`, undefined, { raw: "{}" })).status).toBe(200);
  expect(told(await call("POST", `${ZONE}/refresh`, undefined, { raw: "{}", signed: { body: "" } }))).toEqual(
    SIGNATURE,
  );
});

test("a signature is over the URL as it was sent: query, lower-case escapes, slash, base", async () => {
  const { call, origin } = await startOvh();
  const paths = [
    `${ZONE}/record?fieldType=A&subDomain=`,
    `${ZONE}/record?subDomain=caf%c3%a9`,
    `${ZONE}/record?subDomain=caf%C3%A9+x`,
    `${ZONE}/record?subDomain=a%20b`,
    "/dedicated/server/",
  ];
  for (const path of paths) expect((await call("GET", path)).status).toBe(200);
  const other = (url: string): Sent => ({ signed: { url } });
  expect(
    told(
      await call(
        "GET",
        paths[1] as string,
        undefined,
        other(`${origin}/1.0${paths[1]?.replace("%c3%a9", "%C3%A9")}`),
      ),
    ),
  ).toEqual(SIGNATURE);
  expect(told(await call("GET", "/me?a=1", undefined, other(`${origin}/1.0/me`)))).toEqual(SIGNATURE);
  expect(
    told(await call("GET", "/dedicated/server/", undefined, other(`${origin}/1.0/dedicated/server`))),
  ).toEqual(SIGNATURE);
  expect(told(await call("GET", "/v1/me", undefined, other(`${origin}/1.0/me`)))).toEqual(SIGNATURE);
  expect(
    told(await call("GET", "/me", undefined, other(`${origin.replace("http", "https")}/1.0/me`))),
  ).toEqual(SIGNATURE);
});

test("method and timestamp are signed, and a DELETE with a signed body is refused", async () => {
  const { call, get } = await startOvh();
  const [id] = await get(`${ZONE}/record`);
  expect(told(await call("GET", "/me", undefined, { signed: { method: "get" } }))).toEqual(SIGNATURE);
  expect(told(await call("DELETE", `${ZONE}/record/${id}`, { a: 1 }))).toEqual(SIGNATURE);
  expect(await get(`${ZONE}/record`)).toContain(id);
});

test("a clock may be off by 180 seconds of the server's, and moves with it", async () => {
  const { call, clock } = await startOvh();
  for (const off of [-180, 180]) expect((await call("GET", "/me", undefined, { off })).status).toBe(200);
  for (const off of [-181, 181]) expect(told(await call("GET", "/me", undefined, { off }))).toEqual(TIME);
  expect(told(await call("GET", "/me", undefined, { headers: { "X-Ovh-Timestamp": "soon" } }))).toEqual(TIME);
  await clock.advance(400_000);
  const time = await call("GET", "/auth/time", undefined, {
    unsigned: true,
    headers: { "X-Ovh-Application": undefined },
  });
  expect([time.status, time.text]).toEqual([200, String(Math.floor(clock.now() / 1_000))]);
  expect((await call("GET", "/me")).status).toBe(200);
});

test("broken JSON and a body that is none are told only to who signed them", async () => {
  const { call } = await startOvh();
  expect(told(await call("PUT", "/me", undefined, { raw: "{" }))).toEqual(
    refused(400, expect.stringMatching(/not valid JSON/)),
  );
  expect(told(await call("PUT", "/me", undefined, { raw: "{", ...BAD_SIGNATURE }))).toEqual(SIGNATURE);
  expect(told(await call("PUT", "/me", [1]))).toEqual(refused(400, expect.stringMatching(/not an object/)));
  const long = `"${"x".repeat(1024 * 1024)}"`;
  expect((await call("PUT", "/me", undefined, { raw: long })).status).toBe(413);
});

test("rules: `*` is any text, `GET /me/*` is not `GET /me`, slash and query do not count", async () => {
  const ovh = await startOvh();
  const granted = async (rules: [string, string][], method: string, path: string) => {
    const keys = await key(
      ovh,
      rules.map(([verb, pattern]) => ({ method: verb, path: pattern })),
    );
    const { status, body } = await ovh.call(method, path, method === "PUT" ? {} : undefined, { keys });
    return status === 200 ? "yes" : body.errorCode;
  };
  const NO = "NOT_GRANTED_CALL";
  expect(await granted([["GET", "/me"]], "GET", "/me")).toBe("yes");
  expect(await granted([["GET", "/me"]], "GET", "/v1/me")).toBe("yes");
  expect(await granted([["GET", "/me"]], "GET", "/me?a=1")).toBe("yes");
  expect(await granted([["GET", "/me"]], "PUT", "/me")).toBe(NO);
  expect(await granted([["GET", "/me"]], "GET", "/me/bill")).toBe(NO);
  expect(await granted([["GET", "/me/*"]], "GET", "/me")).toBe(NO);
  expect(await granted([["GET", "/me/*"]], "GET", "/me/bill/FR1001")).toBe("yes");
  expect(await granted([["GET", "/*"]], "GET", "/me")).toBe("yes");
  expect(await granted([["GET", "/dedicated/server"]], "GET", "/dedicated/server/")).toBe("yes");
  expect(await granted([["GET", "/dedicated/server/"]], "GET", "/dedicated/server")).toBe("yes");
  expect(
    await granted([["PUT", "/dedicated/server/*/burst"]], "PUT", "/dedicated/server/ns1.ip-192-0-2.eu"),
  ).toBe(NO);
  expect(
    await granted([["GET", "/dedicated/server/*/burst"]], "GET", "/dedicated/server/ns1.ip-192-0-2.eu/burst"),
  ).toBe("yes");
  expect(await granted([["GET", "/domain/zone/example.org/record*"]], "GET", `${ZONE}/record`)).toBe("yes");
  expect(await granted([["GET", "/domain/zone/example.com/*"]], "GET", `${ZONE}/record`)).toBe(NO);
  expect(
    await granted(
      [
        ["POST", "/*"],
        ["PUT", "/*"],
      ],
      "GET",
      "/me",
    ),
  ).toBe(NO);
});

test("a key is for the addresses that it was asked for", async () => {
  const ovh = await startOvh();
  const status = async (allowedIPs: string[]) =>
    (await ovh.call("GET", "/me", undefined, { keys: await key(ovh, FULL, { allowedIPs }) })).status;
  expect(await status(["127.0.0.1"])).toBe(200);
  expect(await status(["10.0.0.0/8", "127.0.0.0/8"])).toBe(200);
  expect(await status(["10.0.0.0/8", "::1/128"])).toBe(403);
  expect(await status([])).toBe(200);
});
