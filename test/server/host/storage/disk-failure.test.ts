/** What happens to changes, and to those who wait for them, when the disk fails. */
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Application, Page } from "../../../../provider/tutum/client";
import type { TutumState } from "../../../../server/apis/tutum/api";
import { until } from "../../../until";
import { startControlled } from "../../control-api";
import { type ErrorBody, startTestServer, temporaryFolder } from "../../harness";

const ROOT = "/api/v1/application/";
const HELLO = { image: "tutum/hello-world" };

/** All file handles share it. */
async function fileHandles() {
  const handle = await open(__filename);
  await handle.close();
  return Object.getPrototypeOf(handle) as Record<"write" | "datasync", () => Promise<void>>;
}

const failure = (code: string) => Object.assign(new Error(`${code}: the disk says no`), { code });

afterEach(() => jest.restoreAllMocks());

test("on a full disk a change is refused with 507 and undone; when there is space again, all is well", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ dataDir });
  const kept = await server.create(HELLO);
  jest.spyOn(await fileHandles(), "write").mockRejectedValueOnce(failure("ENOSPC"));

  const refused = await server.call<ErrorBody>("POST", ROOT, HELLO);
  expect([refused.status, refused.body.error]).toEqual([507, expect.stringContaining("could not be stored")]);
  const listed = async (from: typeof server) =>
    (await from.get<Page<Application>>(ROOT)).objects.map(application => application.unique_name);
  expect(await listed(server)).toEqual([kept.unique_name]);

  expect((await server.create(HELLO)).unique_name).toBe("hello-world-2");
  await server.close();
  const again = await startTestServer({ dataDir });
  expect(await listed(again)).toEqual(["hello-world", "hello-world-2"]);
});

test("changes that waited behind a failed one are undone with it", async () => {
  const server = await startControlled({ dataDir: join(temporaryFolder(), "data") });
  let fail = () => {};
  const failing = new Promise<void>((_, reject) => (fail = () => reject(failure("EIO"))));
  jest.spyOn(await fileHandles(), "write").mockReturnValueOnce(failing);
  const calls = [1, 2, 3, 4].map(() => server.call("POST", ROOT, HELLO));
  await until(async () => (await server.ask<TutumState>("GET", "state")).body.applications.Starting === 4);
  fail();
  const answers = await Promise.all(calls);
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
  expect((await server.get<Page<Application>>(ROOT)).meta.total_count).toBe(0);
  expect((await server.create(HELLO)).link_variables).toHaveProperty("HELLO_WORLD_TUTUM_API_URL");
});

test("after a failed sync no change is accepted any more, and reading goes on", async () => {
  const server = await startTestServer({ dataDir: join(temporaryFolder(), "data") });
  const { resource_uri } = await server.create(HELLO);
  jest.spyOn(await fileHandles(), "datasync").mockRejectedValueOnce(failure("EIO"));
  for (let attempt = 0; attempt < 2; attempt++) {
    const { status, body } = await server.call<ErrorBody>("PATCH", resource_uri, {
      web_public_dns: "a.example.com",
    });
    expect([status, body.error]).toEqual([503, expect.stringContaining("restart the server")]);
  }
  expect(await server.get(resource_uri)).toMatchObject({ web_public_dns: null });
});

test("a container's event that could not be stored is tried again", async () => {
  const server = await startTestServer({ dataDir: join(temporaryFolder(), "data") });
  const { resource_uri } = await server.create(HELLO);
  const write = jest.spyOn(await fileHandles(), "write").mockRejectedValueOnce(failure("EIO"));
  // The disk takes real time that the manual clock knows nothing of: how many seconds pass is not counted.
  while ((await server.get(resource_uri)).state !== "Running") await server.clock.advance(1_000);
  expect(write.mock.calls.length).toBeGreaterThan(1);
});
