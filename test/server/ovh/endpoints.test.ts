/** Every endpoint of OVH's API that is there: what it answers, and what of it can be changed. */
import { type OvhServer, refused, startOvh, told } from "./ovh-server";

const ZONE = "/domain/zone/example.org";

async function live({ get, call }: OvhServer, record: object): Promise<{ id: number }> {
  const { body, status } = await call("POST", `${ZONE}/record`, record);
  if (status !== 200) throw new Error(JSON.stringify(body));
  await call("POST", `${ZONE}/refresh`);
  return get(`${ZONE}/record/${body.id}`);
}

test("a new account has a city, two bills, three servers of which two are in sbg1, an instance and a zone", async () => {
  const { get } = await startOvh();
  const me = await get("/me");
  expect(me).toMatchObject({ firstname: "Ada", city: "Roubaix", currency: { code: "EUR", symbol: "€" } });
  const bills = await get("/me/bill");
  expect(bills).toEqual(["FR1001", "FR1002"]);
  const servers: string[] = await get("/dedicated/server");
  const details = await Promise.all(servers.map(name => get(`/dedicated/server/${name}`)));
  expect(details.map(({ datacenter }) => datacenter)).toEqual(["sbg1", "rbx1", "sbg1"]);
  expect(await get("/instance")).toEqual([
    { instanceId: "web-1", name: "web-1", ip: "198.51.100.7", region: "BHS-1", status: "ACTIVE" },
  ]);
  expect(await get("/domain/zone")).toEqual(["example.org"]);
});

test("the account's address can be written; what cannot may be sent back, what nobody knows is refused", async () => {
  const { get, call } = await startOvh();
  const me = await get("/me");
  const answer = await call("PUT", "/me", { ...me, city: "Brest", nichandle: "other" });
  expect([answer.status, answer.text, answer.headers.get("Content-Type")]).toEqual([
    200,
    "null",
    "application/json",
  ]);
  expect(await get("/me")).toEqual({ ...me, city: "Brest" });
  expect(told(await call("PUT", "/me", { town: "Brest" }))).toEqual(
    refused(400, "Received not described parameters: (town)"),
  );
  expect(told(await call("PUT", "/me", { city: 3 }))).toEqual(
    refused(400, "[city] Given data (3) does not belong to a text"),
  );
});

test("bills have dates in Paris, prices as texts, and filters", async () => {
  const { get, call, clock } = await startOvh();
  const bill = await get("/me/bill/FR1001");
  expect(bill).toMatchObject({
    billId: "FR1001",
    orderId: 1001,
    category: "autorenew",
    date: expect.stringMatching(/^2014-02-05T\d\d:59:42\+01:00$/),
    priceWithTax: { currencyCode: "EUR", text: "59.99 €", value: 59.99, priceInUcents: 5_999_000_000 },
    priceWithoutTax: { text: "49.99 €" },
    tax: { text: "10.00 €" },
    pdfUrl: expect.stringMatching(/^http.*FR1001/),
  });
  const monthAgo = new Date(clock.now() - 31 * 24 * 3_600_000).toISOString();
  expect(await get(`/me/bill?date.from=${monthAgo}`)).toEqual(["FR1002"]);
  expect(await get(`/me/bill?date.to=${monthAgo}`)).toEqual(["FR1001"]);
  expect(await get("/me/bill?orderId=1002&category=autorenew")).toEqual(["FR1002"]);
  expect(await get("/me/bill?category=purchase")).toEqual([]);
  expect(told(await call("GET", "/me/bill?date.from=soon"))).toEqual(
    refused(400, expect.stringMatching(/date\.from/)),
  );
  expect(told(await call("GET", "/me/bill/FR9"))).toEqual(
    refused(404, "The requested object (id = FR9) does not exist"),
  );
});

test("a slash at the end is answered directly, also below /v1", async () => {
  const { get, call } = await startOvh();
  const servers = await get("/dedicated/server");
  for (const path of ["/dedicated/server/", "/v1/dedicated/server", "/v1/dedicated/server/"]) {
    expect(told(await call("GET", path))).toEqual([200, servers]);
  }
  expect(told(await call("GET", "/v2/dedicated/server"))).toEqual(
    refused(404, "Got an invalid (or empty) URL", "INVALID_URL"),
  );
});

test("a server's writable fields are written, of a wrong type refused", async () => {
  const { get, call } = await startOvh();
  const path = "/dedicated/server/ns1.ip-192-0-2.eu";
  const before = await get(path);
  expect(
    told(await call("PUT", path, { monitoring: false, bootId: 7, rescueMail: "a@example.org" })),
  ).toEqual([200, null]);
  expect(await get(path)).toEqual({ ...before, monitoring: false, bootId: 7, rescueMail: "a@example.org" });
  expect(told(await call("PUT", path, { state: "gone" }))).toEqual(
    refused(400, expect.stringMatching(/^\[state\]/)),
  );
  expect(told(await call("PUT", "/dedicated/server/ns9.example.org", {}))).toEqual(
    refused(404, "This service does not exist"),
  );
});

test("a burst is active, inactive or locked, and nothing else", async () => {
  const { get, call } = await startOvh();
  const path = "/dedicated/server/ns1.ip-192-0-2.eu/burst";
  expect(await get(path)).toEqual({ status: "inactive", capacity: { unit: "mbps", value: 1_000 } });
  expect(told(await call("PUT", path, { status: "active" }))).toEqual([200, null]);
  expect(await get(path)).toMatchObject({ status: "active" });
  expect(told(await call("PUT", path, { status: "fast" }))).toEqual(
    refused(400, expect.stringMatching(/^\[status\]/)),
  );
  expect(told(await call("PUT", path))).toEqual(refused(400, "[status] Missing parameter"));
});

test("a record is added, found by type and name, changed in part, and removed", async () => {
  const { get, call } = await startOvh();
  const { status, body: record } = await call("POST", `${ZONE}/record`, {
    fieldType: "CNAME",
    subDomain: "www",
    target: "web.example.net.",
  });
  expect([status, record]).toEqual([
    200,
    {
      id: expect.any(Number),
      zone: "example.org",
      fieldType: "CNAME",
      subDomain: "www",
      target: "web.example.net.",
      ttl: 0,
    },
  ]);
  expect(record.id).toBeGreaterThan(2 ** 32);
  expect(await get(`${ZONE}/record`)).toContain(record.id);
  expect(await get(`${ZONE}/record?fieldType=CNAME`)).toEqual([record.id]);
  expect(await get(`${ZONE}/record?fieldType=CNAME&subDomain=www`)).toEqual([record.id]);
  expect(await get(`${ZONE}/record?fieldType=CNAME&subDomain=`)).toEqual([]);
  expect(await get(`${ZONE}/record?subDomain=`)).toHaveLength(3);
  const path = `${ZONE}/record/${record.id}`;
  expect(told(await call("PUT", path, { ttl: 300 }))).toEqual([200, null]);
  expect(
    told(await call("PUT", path, { ...record, target: "other.example.net.", ttl: 300, fieldType: "A" })),
  ).toEqual([200, null]);
  expect(await get(path)).toEqual({ ...record, target: "other.example.net.", ttl: 300 });
  expect(told(await call("DELETE", path))).toEqual([200, null]);
  expect(told(await call("GET", path))).toEqual(
    refused(404, `The requested object (id = ${record.id}) does not exist`),
  );
});

test("a second record of the same name and type is added; each has an id that no other had", async () => {
  const { get, call } = await startOvh();
  const same = { fieldType: "A", subDomain: "twice", target: "192.0.2.20", ttl: 60 };
  const ids = [
    (await call("POST", `${ZONE}/record`, same)).body.id,
    (await call("POST", `${ZONE}/record`, same)).body.id,
  ];
  expect(await get(`${ZONE}/record?subDomain=twice`)).toEqual(ids);
  await call("DELETE", `${ZONE}/record/${ids[0]}`);
  expect(ids).not.toContain((await call("POST", `${ZONE}/record`, same)).body.id);
});

test("a record's bad fields are refused by their names", async () => {
  const { call } = await startOvh();
  const wrong: [object, RegExp][] = [
    [{ target: "192.0.2.1" }, /^\[fieldType\] Missing/],
    [{ fieldType: "A" }, /^\[target\] Missing/],
    [{ fieldType: "ALIAS", target: "192.0.2.1" }, /^\[fieldType\]/],
    [{ fieldType: "A", target: "2001:db8::1" }, /^\[target\]/],
    [{ fieldType: "AAAA", target: "192.0.2.1" }, /^\[target\]/],
    [{ fieldType: "CNAME", target: "no name." }, /^\[target\]/],
    [{ fieldType: "MX", target: "mail.example.org." }, /^\[target\]/],
    [{ fieldType: "TXT", target: "" }, /^\[target\]/],
    [{ fieldType: "A", target: 7 }, /^\[target\] Given data \(7\)/],
    [{ fieldType: "A", target: "192.0.2.1", ttl: -1 }, /^\[ttl\]/],
    [{ fieldType: "A", target: "192.0.2.1", ttl: "60" }, /^\[ttl\]/],
    [{ fieldType: "A", target: "192.0.2.1", subDomain: "-" }, /^\[subDomain\]/],
    [{ fieldType: "A", target: "192.0.2.1", name: "www" }, /not described parameters: \(name\)/],
  ];
  for (const [body, message] of wrong) {
    expect(told(await call("POST", `${ZONE}/record`, body))).toEqual(
      refused(400, expect.stringMatching(message)),
    );
  }
  expect(told(await call("GET", `${ZONE}/record?fieldType=ALIAS`))).toEqual(
    refused(400, expect.stringMatching(/^\[fieldType\]/)),
  );
});

test("a zone tells when it was refreshed, and exports its records", async () => {
  const ovh = await startOvh();
  const { get, clock } = ovh;
  expect(await get(ZONE)).toMatchObject({
    name: "example.org",
    nameServers: ["dns106.ovh.net", "ns106.ovh.net"],
    lastUpdate: "2014-04-06T19:59:42+02:00",
  });
  await clock.advance(60_000);
  await live(ovh, { fieldType: "TXT", subDomain: "note", target: '"a b"', ttl: 60 });
  expect(await get(ZONE)).toMatchObject({ lastUpdate: "2014-04-06T20:00:42+02:00" });
  const file: string = await get(`${ZONE}/export`);
  expect(file.split("\n")).toEqual([
    "$TTL 3600",
    "@\tIN SOA dns106.ovh.net. tech.ovh.net. (2 86400 3600 3600000 60)",
    "\tIN NS\tdns106.ovh.net.",
    "\tIN NS\tns106.ovh.net.",
    "\tIN A\t192.0.2.10",
    'note\t60\tIN TXT\t"a b"',
    "",
  ]);
});

test("a zone that is not there, and another zone's record, do not exist", async () => {
  const { get, call } = await startOvh();
  for (const path of ["", "/record", "/export"]) {
    expect(told(await call("GET", `/domain/zone/example.net${path}`))).toEqual(
      refused(404, "This service does not exist"),
    );
  }
  const [id] = await get(`${ZONE}/record`);
  expect(told(await call("GET", `/domain/zone/example.net/record/${id}`))).toEqual(
    refused(404, "This service does not exist"),
  );
  expect(told(await call("GET", `${ZONE}/record/none`))).toEqual(
    refused(404, "The requested object (id = none) does not exist"),
  );
});

test("refresh takes no body, an empty object, and nothing else", async () => {
  const { call } = await startOvh();
  expect(told(await call("POST", `${ZONE}/refresh`))).toEqual([200, null]);
  expect(told(await call("POST", `${ZONE}/refresh`, {}))).toEqual([200, null]);
  expect(
    told(
      await call("POST", `${ZONE}/refresh`, undefined, { headers: { "Content-Type": "application/json" } }),
    ),
  ).toEqual([200, null]);
  expect(told(await call("POST", `${ZONE}/refresh`, { zone: "x" }))).toEqual(
    refused(400, expect.stringMatching(/not described/)),
  );
});

test("every response has an id of its own, errors included", async () => {
  const { call } = await startOvh();
  const answers = [
    await call("GET", "/me"),
    await call("GET", "/nowhere"),
    await call("GET", "/auth/time"),
    await call("GET", "/me", undefined, { unsigned: true }),
  ];
  const ids = answers.map(({ headers }) => headers.get("X-OVH-QUERYID"));
  for (const id of ids) expect(id).toMatch(/^EU\.ext-1\.[0-9a-f]+\.\d+\.[0-9a-f]{4}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
