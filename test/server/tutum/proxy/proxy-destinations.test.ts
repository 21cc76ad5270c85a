/** Which containers answer for a name, by what the server knows; and the proxy as part of a server. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { ApplicationRecord, ContainerRecord } from "../../../../server/apis/tutum/model/records";
import { World } from "../../../../server/apis/tutum/model/world";
import { claimsAt } from "../../../../server/apis/tutum/proxy/destinations";
import { atEnd, startTestServer, temporaryFolder } from "../../harness";
import { ask } from "./proxied";

const HOST = "web.example.com";
const DATES = { deployedAt: null, startedAt: null, stoppedAt: null, destroyedAt: null };

/** Applications in order of creation, with one container for each state given. */
function world(
  ...applications: { uuid: string; at?: string; containers?: ContainerRecord["state"][] }[]
): World {
  const world = new World();
  for (const application of applications) put(world, application);
  return world;
}

function put(
  world: World,
  {
    uuid,
    at = HOST,
    containers = ["Running"],
  }: { uuid: string; at?: string; containers?: ContainerRecord["state"][] },
) {
  const record: ApplicationRecord = {
    ...DATES,
    uuid,
    name: uuid,
    uniqueName: uuid,
    image: { name: "tutum/hello-world", tag: "latest" },
    containerSize: "XS",
    target: containers.length,
    runCommand: "",
    entrypoint: "",
    ports: [],
    envvars: [],
    links: [],
    autorestart: "OFF",
    autoreplace: "OFF",
    autodestroy: "OFF",
    roles: [],
    webPublicDns: at || null,
    state: containers.includes("Running") ? "Running" : containers.length > 0 ? "Stopped" : "Terminated",
    nextNumber: containers.length + 1,
    replacedAt: [],
  };
  world.putApplication(record);
  containers.forEach((state, index) => {
    world.putContainer({
      ...DATES,
      uuid: `${uuid}-${index + 1}`,
      application: uuid,
      number: index + 1,
      uniqueName: `${uuid}-${index + 1}`,
      node: "node",
      ports: [
        { protocol: "tcp", inner_port: 443, outer_port: 40_000 + index },
        { protocol: "udp", inner_port: 80, outer_port: 30_000 + index },
        { protocol: "tcp", inner_port: 80, outer_port: 50_000 + index },
      ],
      state,
      phase: "launched",
      exitCode: null,
      envvars: [],
      restartedAt: [],
    });
  });
}

const hostOf = (container: string) => `host-of-${container}`;

const applicationsAt = (world: World, host = HOST) =>
  claimsAt(world, hostOf, host).map(({ application }) => application);
const addressesAt = (world: World, addressOf: (container: string) => string | undefined = hostOf) =>
  claimsAt(world, addressOf, HOST).flatMap(({ addresses }) => addresses);

test("all running containers answer, at the outer port of their 80/tcp", () => {
  const claims = claimsAt(world({ uuid: "a", containers: ["Running", "Stopped", "Running"] }), hostOf, HOST);
  expect(claims).toEqual([
    {
      application: "a",
      addresses: [
        { host: "host-of-a-1", port: 50_000 },
        { host: "host-of-a-3", port: 50_002 },
      ],
    },
  ]);
});

test("of several that claim a name, the newest comes first", () => {
  const claims = world({ uuid: "old" }, { uuid: "new" }, { uuid: "newest", containers: ["Starting"] });
  expect(applicationsAt(claims)).toEqual(["newest", "new", "old"]);
});

test("the newest is the one created last, also when it claimed the name first", () => {
  const claims = world({ uuid: "old", at: "" }, { uuid: "new" });
  put(claims, { uuid: "old", at: HOST });
  expect(applicationsAt(claims)).toEqual(["new", "old"]);
});

test("a claim counts as long as it lasts, and in any case", () => {
  const claims = world({ uuid: "a", at: "Web.Example.COM" });
  expect(applicationsAt(claims)).toEqual(["a"]);
  put(claims, { uuid: "a", at: "other.example.com" });
  expect(applicationsAt(claims)).toEqual([]);
  expect(applicationsAt(claims, "other.example.com")).toEqual(["a"]);
  claims.deleteApplication("a");
  expect(applicationsAt(claims, "other.example.com")).toEqual([]);
});

test("a claim without a container that runs or can be reached has no addresses; a terminated one is none", () => {
  expect(addressesAt(world({ uuid: "a", containers: ["Stopped"] }))).toEqual([]);
  expect(addressesAt(world({ uuid: "a" }), () => undefined)).toEqual([]);
  expect(applicationsAt(world({ uuid: "a", containers: [] }))).toEqual([]);
});

test("a server's proxy follows what the API is told, at once", async () => {
  const server = await startTestServer({ proxy: {} });
  const { port } = server.proxy as { port: number };
  const web = await server.deploy({ image: "tutum/hello-world", web_public_dns: HOST });
  // Simulated containers have no address.
  expect((await ask(port, HOST)).status).toBe(503);
  await server.call("PATCH", web.resource_uri, { web_public_dns: "new.example.com" });
  expect((await ask(port, HOST)).status).toBe(404);
  expect((await ask(port, "new.example.com")).status).toBe(503);
  await server.call("DELETE", web.resource_uri);
  await server.settle();
  expect((await ask(port, "new.example.com")).status).toBe(404);
});

test("a server has no proxy for simulated containers unless it is asked for, and ends it with itself", async () => {
  expect((await startTestServer()).proxy).toBeUndefined();
  const server = await startTestServer({ proxy: {} });
  const { url } = server.proxy as { url: string };
  await fetch(url);
  await server.close();
  await expect(fetch(url)).rejects.toThrow();
});

test("the API is not reached through the proxy", async () => {
  const server = await startTestServer({ proxy: {} });
  const answer = await ask(server.proxy?.port as number, "localhost", { path: "/api/v1/application/" });
  expect(answer.status).toBe(404);
  expect(answer.text).toContain("web_public_dns");
});

test("the proxy's port stays from start to start, unless another program has it", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const start = () => startTestServer({ dataDir, proxy: {} });
  const first = await start();
  const port = first.proxy?.port as number;
  await first.close();
  const second = await start();
  expect(second.proxy?.port).toBe(port);
  await second.close();
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  atEnd(() => other.close());
  const third = await start();
  expect(third.proxy?.port).not.toBe(port);
  const { port: asked } = other.address() as AddressInfo;
  await expect(startTestServer({ proxy: { port: asked } })).rejects.toThrow(
    `port ${asked} is in use by another program`,
  );
});
