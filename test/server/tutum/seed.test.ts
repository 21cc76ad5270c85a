import { join } from "node:path";
import type { Application, Page } from "../../../provider/tutum/client";
import { linkOrder } from "../../../server/apis/tutum/operations/link-order";
import type { Seed } from "../../../server/index";
import { startControlled } from "../control-api";
import { type Container, startTestServer, temporaryFolder } from "../harness";

const ROOT = "/api/v1/application/";
const LINKED = {
  applications: {
    web: {
      image: "tutum/wordpress",
      target_num_containers: 2,
      linked_to_application: ["cache", { to_application: "db", name: "mysql" }],
    },
    db: { image: "tutum/mysql", container_envvars: [{ key: "MYSQL_PASS", value: "secret" }] },
    cache: { image: "tutum/redis" },
  },
};

test("a seed's applications run at once, with the variables of those they link to", async () => {
  const server = await startTestServer();
  expect(await server.seed(LINKED)).toEqual({ created: ["cache", "db", "web"], kept: [] });
  const { objects } = await server.get<Page<Application>>(ROOT);
  expect(objects.map(({ unique_name, state }) => [unique_name, state])).toEqual([
    ["cache", "Running"],
    ["db", "Running"],
    ["web", "Running"],
  ]);
  const web = await server.get(objects[2]?.resource_uri as string);
  expect(web).toMatchObject({ running_num_containers: 2, deployed_datetime: web.started_datetime });
  const container = await server.get<Container>(web.containers[1] as string);
  const keys = container.container_envvars.map(({ key }) => key);
  expect(keys).toEqual(
    expect.arrayContaining(["WEB_1_PORT", "CACHE_1_PORT", "MYSQL_PORT", "MYSQL_ENV_MYSQL_PASS"]),
  );
});

test("what is seeded lives on like everything else, also over a restart", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ dataDir });
  await server.seed(LINKED);
  const web = (await server.get<Page<Application>>(`${ROOT}?name=web`)).objects[0] as Application;
  await server.call("POST", `${web.resource_uri}stop/`);
  await server.clock.advance(5_000);
  await server.close();
  const again = await startTestServer({ dataDir });
  expect(await again.get(web.resource_uri)).toMatchObject({ stopped_num_containers: 2 });
  expect(await again.seed(LINKED)).toEqual({ created: [], kept: ["cache", "db", "web"] });
});

test("a seed may link to what is there already", async () => {
  const server = await startTestServer();
  const db = await server.deploy({ image: "tutum/mysql", name: "db" });
  const seed = { applications: { web: { image: "me/web", linked_to_application: ["db"] } } };
  expect(await server.seed(seed)).toEqual({ created: ["web"], kept: [] });
  expect(await server.get(db.resource_uri)).toMatchObject({ linked_from_application: [expect.any(String)] });
});

test("a filter by state finds the same ones in order of creation, whether few or many are in it", async () => {
  const server = await startTestServer();
  const names = Array.from({ length: 30 }, (_, n) => `app-${n}`);
  await server.seed({ applications: Object.fromEntries(names.map(name => [name, { image: "me/app" }])) });
  const { objects } = await server.get<Page<Application>>(`${ROOT}?limit=0`);
  for (const index of [20, 3]) {
    await server.call("POST", `${objects[index]?.resource_uri}stop/`);
    await server.settle();
  }
  const inState = async (list: string, state: string) =>
    (await server.get<Page<Application>>(`${list}?limit=0&state=${state}`)).objects.map(({ name }) => name);
  for (const list of [ROOT, "/api/v1/container/"]) {
    expect(await inState(list, "Stopped")).toEqual(["app-3", "app-20"]);
    expect(await inState(list, "Running")).toEqual(
      names.filter(name => name !== "app-3" && name !== "app-20"),
    );
    expect(await inState(list, "Terminated")).toEqual([]);
  }
});

test.each<[seed: unknown, problem: unknown]>([
  [[], '"applications" must be an object: names, each with the fields of a new application.'],
  [{ applications: { a: 1 } }, '"a": a number is not an object.'],
  [{ applications: { a: { image: "a/b", name: "b" } } }, '"a": its name is "b" inside.'],
  [
    {
      applications: {
        a: { image: "a/b", linked_to_application: ["b"] },
        b: { linked_to_application: ["a"] },
      },
    },
    "the links go in a circle, a -> b -> a: one has to be first.",
  ],
  [
    { applications: { ok: { image: "a/b" }, bad: { image: "a/b", linked_to_application: ["who"] } } },
    { bad: { linked_to_application: [expect.stringContaining('"who" is not an application')] } },
  ],
  [
    { applications: { "not a name": { image: "a/b", target_num_containers: 0 } } },
    { "not a name": { name: [expect.any(String)], target_num_containers: [expect.any(String)] } },
  ],
])("a seed with a mistake is refused as a whole, and the mistake is named: %j", async (seed, problem) => {
  const server = await startTestServer();
  await expect(server.seed(seed as Seed)).rejects.toMatchObject({ status: 400, body: { seed: problem } });
  expect(await server.get(ROOT)).toMatchObject({ meta: { total_count: 0 } });
});

test("seeds come through the control API too", async () => {
  const server = await startControlled();
  expect((await server.ask("POST", "seed", LINKED)).body).toEqual({
    created: ["cache", "db", "web"],
    kept: [],
  });
  const refused = await server.ask("POST", "seed", { applications: { a: {} } });
  expect([refused.status, refused.body]).toEqual([400, { seed: { a: { image: [expect.any(String)] } } }]);
});

test("applications are created in the order of their links, in a chain of 10,000 too", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `app-${index}`);
  const next = new Map(names.map((name, index) => [name, names.slice(index + 1, index + 2)]));
  const order = linkOrder(
    names,
    name => next.get(name) ?? [],
    () => {
      throw new Error("there is no circle");
    },
  );
  expect(order).toEqual([...names].reverse());
});
