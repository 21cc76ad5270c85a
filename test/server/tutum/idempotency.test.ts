import { join } from "node:path";
import type { ErrorBody } from "../harness";
import { startTestServer, type TestServer, temporaryFolder } from "../harness";

const ROOT = "/api/v1/application/";
const HELLO = { image: "tutum/hello-world" };
const HOUR = 3_600_000;

const create = (server: TestServer, key: string, body: unknown = HELLO) =>
  server.call("POST", ROOT, body, { "Idempotency-Key": key });

async function count(server: TestServer): Promise<number> {
  return (await server.get<{ meta: { total_count: number } }>(ROOT)).meta.total_count;
}

test("the same key and body get the first answer again, word for word, whatever happened since", async () => {
  const server = await startTestServer();
  const first = await create(server, "k1");
  await server.settle();
  await server.call("DELETE", first.body.resource_uri);
  await server.clock.advance(HOUR);
  const again = await create(server, "k1");
  expect([again.status, again.text]).toEqual([202, first.text]);
  expect(await count(server)).toBe(0);
});

test("another key, and none at all, create another application", async () => {
  const server = await startTestServer();
  const answers = [
    await create(server, "k1"),
    await create(server, "k2"),
    await server.call("POST", ROOT, HELLO),
  ];
  expect(new Set(answers.map(({ body }) => body.uuid)).size).toBe(3);
});

test("the same key with another body is 409 and creates nothing", async () => {
  const server = await startTestServer();
  await create(server, "k1");
  const answer = await server.call<ErrorBody>(
    "POST",
    ROOT,
    { ...HELLO, name: "b" },
    { "Idempotency-Key": "k1" },
  );
  expect([answer.status, answer.body.error]).toEqual([409, expect.stringContaining("another body")]);
  expect(await count(server)).toBe(1);
});

test("many at once create one application", async () => {
  const server = await startTestServer({ dataDir: join(temporaryFolder(), "data") });
  const answers = await Promise.all(Array.from({ length: 10 }, () => create(server, "k1")));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await count(server)).toBe(1);
});

test("a refused create is not remembered: the key can be used with a better body", async () => {
  const server = await startTestServer();
  expect((await create(server, "k1", { image: "not an image" })).status).toBe(400);
  expect((await create(server, "k1")).status).toBe(202);
});

test("the key is known after a restart, and after an answer that was lost", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ dataDir });
  server.faults.add({ drop: "after", times: 1 });
  await expect(create(server, "k1")).rejects.toThrow();
  server.faults.clear();
  const second = await create(server, "k1");
  await server.close();

  const again = await startTestServer({ dataDir });
  expect((await create(again, "k1")).text).toBe(second.text);
  await again.close();
  // This one reads it from a snapshot, not from the journal it was written to.
  const third = await startTestServer({ dataDir });
  expect((await create(third, "k1")).text).toBe(second.text);
  expect(await count(third)).toBe(1);
});

test("a key is forgotten after a day, and by a reset", async () => {
  const server = await startTestServer({ control: true });
  const first = await create(server, "k1");
  await server.clock.advance(24 * HOUR - 1);
  expect((await create(server, "k1")).text).toBe(first.text);
  await server.clock.advance(1);
  const second = await create(server, "k1");
  expect(second.body.uuid).not.toBe(first.body.uuid);
  await server.call(
    "POST",
    "/_tutum/reset",
    { confirm: true },
    { Authorization: `Bearer ${server.control?.token}` },
  );
  expect((await create(server, "k1")).body.uuid).not.toBe(second.body.uuid);
  expect(await count(server)).toBe(1);
});

test("what is kept for those who ask again weighs 64 MiB at most: the oldest answers are forgotten early", async () => {
  const server = await startTestServer();
  const container_envvars = Array.from({ length: 30 }, (_, n) => ({
    key: `V${n}`,
    value: "v".repeat(32_000),
  }));
  const large = { ...HELLO, container_envvars };
  const first = await create(server, "k0", large);
  const second = await create(server, "k1", large);
  // Each weighs a third more than its text.
  const fitting = Math.floor((64 << 20) / Math.ceil((second.text.length * 4) / 3 + 100));
  let sixth = "";
  for (let n = 2; n < fitting; n++) {
    const { text } = await create(server, `k${n}`, large);
    if (n === 5) sixth = text;
  }
  expect((await create(server, "k0", large)).text).toBe(first.text);
  await create(server, `k${fitting}`, large);
  await create(server, `k${fitting + 1}`, large);
  expect((await create(server, "k5", large)).text).toBe(sixth);
  expect((await create(server, "k0", large)).body.uuid).not.toBe(first.body.uuid);
});

test.each(["with space", "x".repeat(256), "ü"])("key %.20s is refused with 400", async key => {
  const server = await startTestServer();
  const answer = await create(server, key);
  expect(answer.status).toBe(400);
  expect(await count(server)).toBe(0);
});
