/** Consumer keys: asked for, validated on a page, refused, expired, logged out, listed and removed. */
import { type OvhServer, refused, startOvh, told } from "./ovh-server";

const GET_ME = [{ method: "GET", path: "/me" }];
const INVALID = refused(403, "This credential is not valid", "INVALID_CREDENTIAL");
const YEAR_MS = 366 * 24 * 3_600_000;

async function me({ call }: OvhServer, consumer: string) {
  return told(await call("GET", "/me", undefined, { keys: { consumer } }));
}

test("a key is pending until the end user says yes; looking at the page changes nothing", async () => {
  const ovh = await startOvh();
  const { consumerKey, validationUrl, state } = await ovh.ask(GET_ME);
  expect(consumerKey).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(validationUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/auth\/\?credentialToken=[A-Za-z0-9]{64}$/);
  expect(validationUrl.startsWith(ovh.origin)).toBe(true);
  expect(state).toBe("pendingValidation");
  for (let looks = 0; looks < 2; looks++) {
    const page = await fetch(validationUrl);
    expect([page.status, page.headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
    const html = await page.text();
    expect(html.match(/<form method="post">/g)).toHaveLength(1);
    expect([...html.matchAll(/<button name="answer" value="(\w+)">/g)].map(([, value]) => value)).toEqual([
      "yes",
      "no",
    ]);
    expect(html).toContain("<code>GET /me</code>");
    expect(html).not.toContain(consumerKey);
  }
  expect(await me(ovh, consumerKey)).toEqual(INVALID);
  const answer = await ovh.answer(validationUrl);
  expect([answer.status, await answer.text()]).toEqual([
    200,
    expect.stringContaining("The request is validated"),
  ]);
  expect(await me(ovh, consumerKey)).toEqual([200, expect.objectContaining({ firstname: "Ada" })]);
});

test("a refused key stays refused, and an answer is given once", async () => {
  const ovh = await startOvh();
  const { consumerKey, validationUrl } = await ovh.ask(GET_ME);
  await ovh.answer(validationUrl, { answer: "no" });
  expect(await me(ovh, consumerKey)).toEqual(INVALID);
  expect(await (await ovh.answer(validationUrl)).text()).toContain("The request is refused");
  expect(await (await fetch(validationUrl)).text()).toContain("The request is refused");
  expect(await me(ovh, consumerKey)).toEqual(INVALID);
});

test("POST without a body is yes, and so is JSON that says so; another answer changes nothing", async () => {
  const ovh = await startOvh();
  const plain = await ovh.ask(GET_ME);
  await fetch(plain.validationUrl, { method: "POST" });
  expect((await me(ovh, plain.consumerKey))[0]).toBe(200);
  const json = await ovh.ask(GET_ME);
  const body = JSON.stringify({ answer: "no" });
  await fetch(json.validationUrl, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  expect(await (await fetch(json.validationUrl)).text()).toContain("refused");
  const odd = await ovh.ask(GET_ME);
  expect((await ovh.answer(odd.validationUrl, { answer: "perhaps" })).status).toBe(400);
  expect((await ovh.answer(odd.validationUrl, { answer: "yes", validity: "-1" })).status).toBe(400);
  expect(await (await fetch(odd.validationUrl)).text()).toContain("<form");
  expect((await fetch(`${ovh.origin}/auth/?credentialToken=none`)).status).toBe(404);
  expect((await fetch(`${ovh.origin}/auth/`, { method: "POST" })).status).toBe(404);
});

test("after the answer the end user is sent to where the application said", async () => {
  const ovh = await startOvh();
  const redirection = "https://app.example.org/back?a=1";
  for (const answer of ["yes", "no"]) {
    const { validationUrl } = await ovh.ask(GET_ME, { redirection });
    const { status, headers } = await ovh.answer(validationUrl, { answer });
    expect([status, headers.get("Location")]).toEqual([302, redirection]);
  }
});

test("what an application says is shown as text on the page", async () => {
  const ovh = await startOvh();
  const { validationUrl } = await ovh.ask([{ method: "GET", path: '/me"><script>alert(1)</script>' }]);
  const page = await fetch(validationUrl);
  expect(await page.text()).not.toContain("<script>");
  expect(page.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
});

test("a page of another site cannot answer", async () => {
  const ovh = await startOvh();
  const { consumerKey, validationUrl } = await ovh.ask(GET_ME);
  const foreign = await fetch(validationUrl, { method: "POST", headers: { Origin: "https://evil.example" } });
  expect(foreign.status).toBe(403);
  expect(await me(ovh, consumerKey)).toEqual(INVALID);
});

test("a key that is valid for a time expires on the server's clock", async () => {
  const ovh = await startOvh();
  const { consumerKey, validationUrl } = await ovh.ask([{ method: "GET", path: "/*" }]);
  await ovh.answer(validationUrl, { answer: "yes", validity: "86400" });
  await ovh.clock.advance(86_399_000);
  const { body } = await ovh.call("GET", "/auth/currentCredential", undefined, {
    keys: { consumer: consumerKey },
  });
  expect(body).toMatchObject({ status: "validated", expiration: "2014-04-07T19:59:42+02:00" });
  await ovh.clock.advance(1_000);
  expect(await me(ovh, consumerKey)).toEqual(INVALID);
  expect(await ovh.get("/me/api/credential?status=expired")).toEqual([body.credentialId]);
});

test("a request that nobody answers within a day is expired", async () => {
  const ovh = await startOvh();
  const { consumerKey, validationUrl } = await ovh.ask(GET_ME);
  await ovh.clock.advance(24 * 3_600_000);
  expect(await (await ovh.answer(validationUrl)).text()).toContain("The request is expired");
  expect(await me(ovh, consumerKey)).toEqual(INVALID);
});

test("a key without validity is for ever", async () => {
  const ovh = await startOvh();
  const { consumerKey, validationUrl } = await ovh.ask(GET_ME);
  await ovh.answer(validationUrl);
  await ovh.clock.advance(YEAR_MS);
  expect((await me(ovh, consumerKey))[0]).toBe(200);
});

test("asking for a key needs a known application, and rules that can be", async () => {
  const { call } = await startOvh();
  const ask = async (body: unknown, application?: string) =>
    told(
      await call("POST", "/auth/credential", body, {
        unsigned: true,
        ...(application ? { keys: { application } } : {}),
      }),
    );
  expect(await ask({ accessRules: GET_ME }, "none")).toEqual(
    refused(403, "This application key is invalid", "INVALID_KEY"),
  );
  const bad = (field: string) => refused(400, expect.stringContaining(`[${field}]`));
  expect(await ask({})).toEqual(bad("accessRules"));
  expect(await ask({ accessRules: [{ method: "GET" }] })).toEqual(bad("accessRules"));
  expect(await ask({ accessRules: [{ method: "PATCH", path: "/*" }] })).toEqual(bad("accessRules"));
  expect(await ask({ accessRules: GET_ME, redirection: "javascript:alert(1)" })).toEqual(bad("redirection"));
  expect(await ask({ accessRules: GET_ME, allowedIPs: ["here"] })).toEqual(bad("allowedIPs"));
  expect(await ask({ accessRules: GET_ME, allowedIPs: ["10.0.0.0/33"] })).toEqual(bad("allowedIPs"));
  // The first versions of clients send no allowedIPs.
  expect((await ask({ accessRules: GET_ME, redirection: null }))[0]).toBe(200);
});

test("the key that asks tells what it may, and is expired from its logout on", async () => {
  const ovh = await startOvh();
  const rules = [
    { method: "GET", path: "/*" },
    { method: "POST", path: "/auth/logout" },
  ];
  const { consumerKey, validationUrl } = await ovh.ask(rules, { allowedIPs: ["127.0.0.0/8"] });
  await ovh.answer(validationUrl);
  const keys = { consumer: consumerKey };
  const current = await ovh.call("GET", "/auth/currentCredential", undefined, { keys });
  expect(told(current)).toEqual([
    200,
    {
      credentialId: 2,
      applicationId: 1,
      status: "validated",
      rules,
      creation: "2014-04-06T19:59:42+02:00",
      expiration: null,
      lastUse: "2014-04-06T19:59:42+02:00",
      allowedIPs: ["127.0.0.0/8"],
      ovhSupport: false,
    },
  ]);
  expect(told(await ovh.call("POST", "/auth/logout", undefined, { keys }))).toEqual([200, null]);
  expect(await me(ovh, consumerKey)).toEqual(INVALID);
  expect(await ovh.get("/me/api/credential/2")).toMatchObject({ status: "expired" });
});

test("applications and keys are listed and shown without their secrets; a removed key does not exist", async () => {
  const ovh = await startOvh();
  const { consumerKey } = await ovh.ask(GET_ME);
  expect(await ovh.get("/me/api/application")).toEqual([1]);
  expect(await ovh.get("/me/api/application/1")).toEqual({
    applicationId: 1,
    applicationKey: ovh.keys.application,
    name: "tutum-server",
    description: expect.any(String),
    status: "active",
  });
  expect(await ovh.get("/me/api/credential")).toEqual([1, 2]);
  expect(await ovh.get("/me/api/credential?status=pendingValidation&applicationId=1")).toEqual([2]);
  expect(await ovh.get("/me/api/credential?applicationId=7")).toEqual([]);
  expect(JSON.stringify(await ovh.get("/me/api/credential/2"))).not.toContain(consumerKey);
  expect(told(await ovh.call("GET", "/me/api/credential?status=lost"))).toEqual(
    refused(400, expect.stringContaining("[status]")),
  );
  expect(told(await ovh.call("DELETE", "/me/api/credential/2"))).toEqual([200, null]);
  expect(await me(ovh, consumerKey)).toEqual(
    refused(403, "This credential does not exist", "NOT_CREDENTIAL"),
  );
  for (const path of ["/me/api/credential/2", "/me/api/application/9"])
    expect(told(await ovh.call("GET", path))).toEqual(
      refused(404, expect.stringMatching(/^The requested object \(id = \d\) does not exist$/)),
    );
});
