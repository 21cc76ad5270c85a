import { get } from "node:http";
import { join } from "node:path";
import { FailureLimit } from "../../../server/host/http/failure-limit";
import { type Container, startTestServer, type TestServer, temporaryFolder } from "../harness";

const ROOT = "/api/v1/application/";
const IMAGES = "/api/v1/image/";
const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString("base64")}` });

describe("auth", () => {
  test.each([
    [undefined, "admin:secret-key", 200],
    [undefined, "admin:other", 401],
    ["hunter2", "admin:hunter2", 200],
    ["hunter2", "admin:secret-key", 401],
    ["hunter2", "root:hunter2", 401],
  ])("with password %j, %s is answered %d", async (password, credentials, status) => {
    const server = await startTestServer({ password });
    const answer = await server.call("GET", "/api/v1/auth/", undefined, basic(credentials));
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body).toEqual({ objects: [{ username: "admin", key: "secret-key" }] });
    else expect(answer.text).toBe("");
  });

  test("only Basic credentials count there, and the password opens nothing else", async () => {
    const server = await startTestServer({ password: "hunter2" });
    const headers = { Authorization: "ApiKey admin:hunter2" };
    expect((await server.call("GET", "/api/v1/auth/", undefined, headers)).status).toBe(401);
    const query = "?username=admin&api_key=hunter2";
    expect((await fetch(`${server.url}/api/v1/auth/${query}`)).status).toBe(401);
    expect((await server.call("GET", ROOT, undefined, basic("admin:hunter2"))).status).toBe(401);
    expect((await server.call("GET", "/api/v1/auth", undefined, basic("admin:hunter2"))).status).toBe(200);
  });

  test.each(["/%61pi/v1/application/", "/api/v1/%61pplication/", "/api/v1/application"])(
    "%s is no way around the credentials",
    async path => {
      const server = await startTestServer();
      expect((await fetch(server.url + path)).status).toBe(401);
    },
  );

  test("a target with a host in it, as for a proxy, is refused", async () => {
    const server = await startTestServer();
    for (const host of ["localhost", "evil.example.com"]) {
      const status = await new Promise((resolve, reject) => {
        const path = `http://${host}${ROOT}`;
        const headers = { Authorization: "ApiKey admin:secret-key" };
        get({ host: "127.0.0.1", port: server.port, path, headers }, answer => {
          answer.resume();
          resolve(answer.statusCode);
        }).on("error", reject);
      });
      expect(status).toBe(400);
    }
  });

  test("who guesses more than ten times a second is told to wait; the right credentials are never", async () => {
    const server = await startTestServer();
    const guesses = await Promise.all(
      Array.from({ length: 15 }, (_, n) => server.call("GET", ROOT, undefined, basic(`admin:${n}`))),
    );
    const statuses = guesses.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(5).fill(429)]);
    const told = guesses.find(({ status }) => status === 429);
    expect(told?.headers.get("retry-after")).toBe("1");
    expect(told?.body).toEqual({ error: expect.stringContaining("wait a second") });
    expect((await server.call("GET", ROOT)).status).toBe(200);
    expect((await server.call("GET", ROOT, undefined, basic("admin:x"))).status).toBe(429);
  });

  test("after a second there is a new chance; addresses do not share theirs, and not all are remembered", () => {
    let now = 0;
    const limit = new FailureLimit(2, 2, () => now);
    limit.add("a");
    limit.add("a");
    expect([limit.isExceeded("a"), limit.isExceeded("b")]).toEqual([true, false]);
    now = 1_000;
    expect(limit.isExceeded("a")).toBe(false);
    for (const address of ["a", "a", "b", "b", "c"]) limit.add(address);
    expect(["a", "b", "c"].map(address => limit.isExceeded(address))).toEqual([false, true, false]);
  });
});

describe("images", () => {
  const PRIVATE = { name: "quay.io/me/app", username: "me", password: "canary", description: "Mine" };
  const VIEW = {
    description: "Mine",
    imagetag_set: ["/api/v1/image/quay.io/me/app/tag/latest/"],
    is_private_image: true,
    name: "quay.io/me/app",
    resource_uri: "/api/v1/image/quay.io/me/app/",
    username: "me",
  };

  test("a private image is added, listed, changed and forgotten; its password is never shown", async () => {
    const server = await startTestServer();
    const added = await server.call("POST", IMAGES, PRIVATE);
    expect([added.status, added.body]).toEqual([202, VIEW]);
    expect(await server.get(IMAGES)).toMatchObject({ meta: { total_count: 1 }, objects: [VIEW] });
    expect(await server.get(VIEW.resource_uri)).toEqual(VIEW);
    expect(await server.get(VIEW.resource_uri.slice(0, -1))).toEqual(VIEW);
    const changed = await server.call("PATCH", VIEW.resource_uri, {
      description: "Ours",
      password: "canary2",
    });
    expect([changed.status, changed.body]).toEqual([202, { ...VIEW, description: "Ours" }]);
    const removed = await server.call("DELETE", VIEW.resource_uri);
    expect([removed.status, removed.text]).toEqual([204, ""]);
    expect((await server.call("DELETE", VIEW.resource_uri)).status).toBe(404);
    expect(added.text + changed.text).not.toContain("canary");
  });

  test("an image that is called like another one's tag is found where its own URI says", async () => {
    const server = await startTestServer();
    const { body } = await server.call<typeof VIEW>("POST", IMAGES, { name: "foo/tag/bar" });
    expect((await server.call("GET", body.resource_uri)).body).toEqual(body);
    const tag = await server.call("GET", body.imagetag_set[0] as string);
    expect(tag.body).toMatchObject({ full_name: "foo/tag/bar:latest" });
    await server.call("DELETE", body.resource_uri);
    await server.create({ image: "foo:bar" });
    expect((await server.call("GET", body.resource_uri)).body).toMatchObject({ full_name: "foo:bar" });
  });

  test("a name as long as may be has a URI that leads to it", async () => {
    const server = await startTestServer();
    const { body, status } = await server.call<typeof VIEW>("POST", IMAGES, {
      name: `me/${"a".repeat(252)}`,
    });
    expect([status, (await server.call("GET", body.resource_uri)).body]).toEqual([202, body]);
  });

  test("it is there after a restart", async () => {
    const dataDir = join(temporaryFolder(), "data");
    const server = await startTestServer({ dataDir });
    await server.call("POST", IMAGES, PRIVATE);
    await server.call("POST", IMAGES, { name: "me/other" });
    await server.call("DELETE", `${IMAGES}me/other/`);
    await server.close();
    const again = await startTestServer({ dataDir });
    expect(await again.get(IMAGES)).toMatchObject({ objects: [VIEW] });
  });

  test.each([
    [{}, { name: ["This field is required."] }],
    [{ name: 1 }, { name: ["1 is not a string."] }],
    [
      { name: "me/app:1" },
      { name: [expect.stringContaining('"me/app:1" is not an image name without tag')] },
    ],
    [{ name: "../etc" }, { name: [expect.any(String)] }],
    [{ name: "me/app", password: 7 }, { password: ["It must be a string of at most 4096 characters."] }],
  ])("image %j is refused", async (body, image) => {
    const server = await startTestServer();
    const answer = await server.call("POST", IMAGES, body);
    expect([answer.status, answer.body]).toEqual([400, { image }]);
  });

  test("a second one of the same name is 409", async () => {
    const server = await startTestServer();
    await server.call("POST", IMAGES, PRIVATE);
    expect((await server.call("POST", IMAGES, PRIVATE)).status).toBe(409);
  });

  test("an application's image_tag leads to its tag, and image_name says both in lists and details", async () => {
    const server = await startTestServer();
    const { image_tag, resource_uri, containers } = await server.create({ image: "tutum/mysql:5.5" });
    expect(await server.get(image_tag)).toEqual({
      full_name: "tutum/mysql:5.5",
      image: "/api/v1/image/tutum/mysql/",
      name: "5.5",
      resource_uri: "/api/v1/image/tutum/mysql/tag/5.5/",
    });
    for (const list of [ROOT, "/api/v1/container/"]) {
      expect(await server.get(list)).toMatchObject({ objects: [{ image_name: "tutum/mysql:5.5" }] });
    }
    for (const uri of [resource_uri, containers[0] as string]) {
      expect(await server.get(uri)).toMatchObject({ image_name: "tutum/mysql:5.5" });
    }
    expect((await server.call("GET", `${IMAGES}tutum/none/tag/1/`)).status).toBe(404);
  });
});

test("there is one role", async () => {
  const server = await startTestServer();
  const role = { label: "Full access", resource_uri: "/api/v1/role/global/", scope: "global" };
  expect(await server.get("/api/v1/role/")).toMatchObject({ meta: { total_count: 1 }, objects: [role] });
  expect(await server.get("/api/v1/role/global/")).toEqual(role);
  expect((await server.call("POST", "/api/v1/role/")).status).toBe(405);
});

describe("fields of later clients", () => {
  async function environmentOf(server: TestServer, linked_to_application: unknown[]) {
    const web = await server.deploy({ image: "me/web", linked_to_application });
    const { container_envvars } = await server.get<Container>(web.containers[0] as string);
    return Object.fromEntries(container_envvars.map(({ key, value }) => [key, value]));
  }

  test("a link with an alias brings the target's own variables, a plain one does not", async () => {
    const server = await startTestServer();
    const db = await server.deploy({
      image: "tutum/mysql",
      container_envvars: [{ key: "MYSQL_PASS", value: "x" }],
    });
    const link = { to_application: db.resource_uri, name: "db" };
    expect(await environmentOf(server, [link])).toMatchObject({
      DB_ENV_MYSQL_PASS: "x",
      DB_1_ENV_MYSQL_PASS: "x",
    });
    const plain = Object.keys(await environmentOf(server, [db.resource_uri]));
    expect(plain.filter(key => key.includes("_ENV_"))).toEqual([]);
  });

  test.each([true, false, null])("sequential_deployment %j is accepted", async sequential_deployment => {
    const server = await startTestServer();
    const created = await server.call("POST", ROOT, { image: "me/web", sequential_deployment });
    expect(created.status).toBe(202);
  });

  test("sequential_deployment must be true or false", async () => {
    const server = await startTestServer();
    const answer = await server.call("POST", ROOT, { image: "me/web", sequential_deployment: "yes" });
    expect(answer.body).toEqual({ application: { sequential_deployment: ['"yes" is not true or false.'] } });
  });
});
