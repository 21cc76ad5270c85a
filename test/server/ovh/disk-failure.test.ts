/** What happens to changes of a simulated API when the disk fails. */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../harness";
import { startOvh } from "./ovh-server";

const RECORDS = "/domain/zone/example.org/record";
const WWW = { fieldType: "A", subDomain: "www", target: "192.0.2.3" };

/** All file handles share it. */
async function fileHandles() {
  const handle = await open(__filename);
  await handle.close();
  return Object.getPrototypeOf(handle) as Record<"write", () => Promise<void>>;
}

const FULL = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });

afterEach(() => jest.restoreAllMocks());

test("what a full disk cannot store is refused and undone: created, changed and deleted records; then all is well", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const ovh = await startOvh({ dataDir });
  const { body: kept } = await ovh.call("POST", RECORDS, WWW);
  const before = await ovh.get(RECORDS);
  const disk = await fileHandles();

  for (const [method, path, body] of [
    ["POST", RECORDS, { ...WWW, subDomain: "lost" }],
    ["PUT", `${RECORDS}/${kept.id}`, { target: "192.0.2.99" }],
    ["DELETE", `${RECORDS}/${kept.id}`, undefined],
  ] as const) {
    jest.spyOn(disk, "write").mockRejectedValueOnce(FULL);
    expect(await ovh.call(method, path, body)).toMatchObject({
      status: 507,
      body: { message: expect.stringContaining("could not be stored") },
    });
    expect(await ovh.get(RECORDS)).toEqual(before);
    expect(await ovh.get(`${RECORDS}/${kept.id}`)).toEqual(kept);
  }

  await ovh.call("PUT", `${RECORDS}/${kept.id}`, { target: "192.0.2.4" });
  await ovh.server.close();
  const again = await startOvh({ dataDir, clock: ovh.clock });
  expect(await again.get(RECORDS)).toEqual(before);
  expect(await again.get(`${RECORDS}/${kept.id}`)).toEqual({ ...kept, target: "192.0.2.4" });
});
