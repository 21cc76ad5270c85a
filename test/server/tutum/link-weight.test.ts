import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentOf } from "../../../server/apis/tutum/model/links";
import type { ApplicationRecord, ContainerRecord } from "../../../server/apis/tutum/model/records";
import { type ErrorBody, startTestServer, type TestServer, temporaryFolder } from "../harness";

const ROOT = "/api/v1/application/";
const variables = (count: number, length: number) =>
  Array.from({ length: count }, (_, n) => ({ key: `V${n}`, value: "x".repeat(length) }));
const aliases = (uri: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ to_application: uri, name: `a${n}` }));

async function total(server: TestServer): Promise<number> {
  return (await server.get<{ meta: { total_count: number } }>(ROOT)).meta.total_count;
}

test("links whose variables would take more than 1 MiB in a container are refused, and say what they take", async () => {
  const server = await startTestServer();
  const big = await server.deploy({
    image: "me/big",
    target_num_containers: 10,
    container_envvars: variables(20, 30_000),
  });
  const linked_to_application = aliases(big.resource_uri, 10);
  const body = { image: "me/link", target_num_containers: 3, linked_to_application };
  const refused = await server.call<ErrorBody>("POST", ROOT, body);
  expect([refused.status, refused.body.application]).toEqual([
    400,
    {
      linked_to_application: [
        expect.stringMatching(
          /^The link variables of each container would take about 66\d{6} characters, and at most 1048576 are possible: link to fewer /,
        ),
      ],
    },
  ]);
  expect(await total(server)).toBe(1);
  const plain = await server.deploy({ image: "me/link", linked_to_application: [big.resource_uri] });
  expect(plain.state).toBe("Running");
});

test("51 containers under 20 aliases are a 400, not a 503 that is tried again for ever", async () => {
  const server = await startTestServer({ dataDir: join(temporaryFolder(), "data") });
  const big = await server.create({ image: "me/big", container_envvars: variables(20, 30_000) });
  const linked_to_application = aliases(big.resource_uri, 20);
  const refused = await server.call("POST", ROOT, {
    image: "me/link",
    target_num_containers: 51,
    linked_to_application,
  });
  expect(refused.status).toBe(400);
});

test("all containers of an application have at most 16 MiB of them", async () => {
  const server = await startTestServer();
  const big = await server.create({ image: "me/big", container_envvars: variables(15, 30_000) });
  const link = (target_num_containers: number) =>
    server.call<ErrorBody>("POST", ROOT, {
      image: "me/link",
      target_num_containers,
      linked_to_application: aliases(big.resource_uri, 1),
    });
  expect((await link(10)).status).toBe(202);
  const refused = await link(100);
  expect(refused.body.application.linked_to_application?.[0]).toContain("of all its containers would take");
});

test("an application does not scale beyond what those linked to it can hold", async () => {
  const server = await startTestServer();
  const big = await server.deploy({ image: "me/big", container_envvars: variables(10, 30_000) });
  await server.create({ image: "me/web", name: "web", linked_to_application: aliases(big.resource_uri, 1) });
  const grown = await server.call<ErrorBody>("PATCH", big.resource_uri, { target_num_containers: 4 });
  expect([grown.status, grown.body.application]).toEqual([
    400,
    { target_num_containers: [expect.stringMatching(/^For "web", which links to it: The link variables/)] },
  ]);
  expect((await server.get(big.resource_uri)).target_num_containers).toBe(1);
  expect((await server.call("PATCH", big.resource_uri, { target_num_containers: 2 })).status).toBe(202);
});

test("what a container has of its application and of its links is stored once", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ dataDir });
  await server.deploy({
    image: "me/many",
    target_num_containers: 20,
    container_envvars: [{ key: "A", value: "once-only".repeat(100) }],
  });
  await server.close();
  const journals = readdirSync(dataDir).filter(name => name.startsWith("journal-"));
  const texts = journals.map(name => readFileSync(join(dataDir, name), "utf8")).join("");
  // The application is written anew with each change of its state.
  expect(texts.split("once-only".repeat(100)).length - 1).toBeLessThan(10);
});

test("a container that an earlier version launched, whose record holds its application's too, has each once", () => {
  const application = { envvars: [{ key: "A", value: "1" }] } as unknown as ApplicationRecord;
  const both = [
    { key: "A", value: "1" },
    { key: "B", value: "2" },
  ];
  for (const envvars of [both, both.slice(1)]) {
    expect(environmentOf(application, { envvars } as unknown as ContainerRecord)).toEqual(both);
  }
});
