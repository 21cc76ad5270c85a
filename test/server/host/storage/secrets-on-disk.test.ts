/** What was deleted is gone from the disk as well: no file of the data folder holds a secret that nobody has any more. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Application } from "../../../../provider/tutum/client";
import { Transaction } from "../../../../server/apis/tutum/model/transaction";
import { World } from "../../../../server/apis/tutum/model/world";
import { silentLogger } from "../../../../server/host/ports/logger";
import { openJournalStorage } from "../../../../server/host/storage/journal-storage";
import { until } from "../../../until";
import { type Answer, startTestServer, type TestServer, temporaryFolder } from "../../harness";

const ROOT = "/api/v1/application/";
const CANARY = "canary-7c1f";
const SECRET = {
  image: "tutum/redis",
  container_envvars: [{ key: "PASSWORD", value: CANARY }],
};

/** Names of the files that hold it. */
function filesWith(folder: string, secret: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && readFileSync(join(folder, entry.name)).includes(secret))
    .map(({ name }) => name);
}

/** An application with a link, a private image, answers kept under a key: all with the canary. */
async function fillWithSecrets(server: TestServer): Promise<Answer<Application>> {
  const created = await server.call("POST", ROOT, SECRET, { "Idempotency-Key": "k1" });
  expect(created.status).toBe(202);
  await server.create({
    image: "tutum/redis",
    name: "linked",
    linked_to_application: [{ to_application: created.body.uuid, name: "db" }],
  });
  const image = { name: "quay.io/me/app", username: "me", password: CANARY };
  expect((await server.call("POST", "/api/v1/image/", image)).status).toBeLessThan(300);
  return created;
}

test("after reset of a running server no file holds a secret of before, and the server goes on", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const before = await startTestServer({ dataDir });
  await fillWithSecrets(before);
  await before.close();
  const server = await startTestServer({ dataDir, control: true });
  await server.create({ ...SECRET, name: "another" });
  expect(filesWith(dataDir, CANARY)).not.toEqual([]);
  const reset = await server.call(
    "POST",
    "/_tutum/reset",
    { confirm: true },
    { Authorization: `Bearer ${server.control?.token}` },
  );
  expect([reset.status, reset.body]).toEqual([200, { removed: 3 }]);
  expect(filesWith(dataDir, CANARY)).toEqual([]);
  await server.create({ image: "tutum/redis", name: "after" });
  await server.close();
  const again = await startTestServer({ dataDir });
  const { objects } = await again.get<{ objects: Application[] }>(ROOT);
  expect(objects.map(({ name }) => name)).toEqual(["after"]);
});

test("an answer kept under an Idempotency-Key holds no value in clear, and is still given word for word", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const world = new World();
  const server = await startTestServer({ dataDir });
  const first = await fillWithSecrets(server);
  await server.close();
  await (await openJournalStorage(dataDir, world, silentLogger)).close();
  const kept = [...world.account.values()].filter(({ id }) => id.startsWith("create:"));
  expect(kept).toHaveLength(1);
  expect(JSON.stringify(kept)).not.toContain(CANARY);
  const again = await startTestServer({ dataDir });
  expect((await again.call("POST", ROOT, SECRET, { "Idempotency-Key": "k1" })).text).toBe(first.text);
});

test("what was removed is gone from the journals within the time given, the generation before included", async () => {
  const folder = temporaryFolder();
  const world = new World();
  const storage = await openJournalStorage(folder, world, silentLogger, { forgetMs: 1 });
  const change = (work: (tx: Transaction) => void) => {
    const tx = new Transaction(world, {} as never, {} as never, 0, 0);
    work(tx);
    return storage.append(tx.changes() ?? { put: {}, deleted: [] });
  };
  const image = { id: "image:a/b", name: "a/b", description: "", username: "me" } as const;
  await change(tx => tx.putAccount({ ...image, id: "image:kept", password: "kept-secret" }));
  await change(tx => tx.putAccount({ ...image, password: CANARY }));
  await change(tx => tx.forgetAccount(image.id));
  await until(() => filesWith(folder, CANARY).length === 0);
  expect(filesWith(folder, "kept-secret")).not.toEqual([]);
  await storage.close();

  const reloaded = new World();
  const next = await openJournalStorage(folder, reloaded, silentLogger);
  expect([...reloaded.account.keys()]).toEqual(["image:kept"]);
  await next.close();
});

test("what was removed before the server was killed is gone from the journals soon after the next start", async () => {
  const folder = temporaryFolder();
  const image = { id: "image:a/b", name: "a/b", description: "", username: "me", password: CANARY } as const;
  const killed = await openJournalStorage(folder, new World(), silentLogger);
  await killed.append({ put: { account: [image] }, deleted: [] });
  await killed.append({ put: {}, deleted: [image.id] });
  expect(filesWith(folder, CANARY)).toEqual(["journal-1"]);

  const world = new World();
  const next = await openJournalStorage(folder, world, silentLogger, { forgetMs: 1 });
  await until(() => filesWith(folder, CANARY).length === 0);
  await next.close();
  await killed.close();
});

test("a reset that was cut off is finished by the next start", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ dataDir });
  await fillWithSecrets(server);
  await server.close();
  writeFileSync(join(dataDir, "erasing"), "");
  const again = await startTestServer({ dataDir });
  expect((await again.get<{ meta: { total_count: number } }>(ROOT)).meta.total_count).toBe(0);
  expect(filesWith(dataDir, CANARY)).toEqual([]);
  expect(readdirSync(dataDir)).not.toContain("erasing");
});
