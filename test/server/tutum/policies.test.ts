import type { Page } from "../../../provider/tutum/client";
import { type Container, startTestServer } from "../harness";

const SECOND = 1_000;
const times = { start: SECOND, stop: SECOND, terminate: SECOND, exit: SECOND };

async function namesAndStates(server: Awaited<ReturnType<typeof startTestServer>>) {
  const { objects } = await server.get<Page<Container>>("/api/v1/container/");
  return objects.map(({ unique_name, state }) => `${unique_name} ${state}`);
}

test("autorestart starts a failed container three times within a minute, and then leaves it", async () => {
  const server = await startTestServer({ times });
  const { resource_uri } = await server.create({
    image: "tutum/exits:1",
    name: "job",
    autorestart: "ON_FAILURE",
  });
  await server.clock.advance(3 * 2 * SECOND + 1.5 * SECOND);
  expect(await namesAndStates(server)).toEqual(["job-1 Running"]);
  await server.clock.advance(30 * SECOND);
  expect(await namesAndStates(server)).toEqual(["job-1 Stopped with errors"]);
  expect((await server.get(resource_uri)).state).toBe("Stopped with errors");
});

test("ON_FAILURE leaves a process alone that ended well, ALWAYS does not", async () => {
  const server = await startTestServer({ times });
  await server.create({ image: "tutum/exits:0", name: "once", autorestart: "ON_FAILURE" });
  await server.create({ image: "tutum/exits:0", name: "again", autorestart: "ALWAYS" });
  await server.clock.advance(2.5 * SECOND);
  expect(await namesAndStates(server)).toEqual(["once-1 Stopped", "again-1 Starting"]);
});

test("autoreplace makes three new containers, whose numbers go on", async () => {
  const server = await startTestServer({ times });
  await server.create({ image: "tutum/exits:1", name: "job", autoreplace: "ALWAYS" });
  await server.clock.advance(60 * SECOND);
  expect(await namesAndStates(server)).toEqual([
    "job-1 Terminated",
    "job-2 Terminated",
    "job-3 Terminated",
    "job-4 Stopped with errors",
  ]);
});

test("restarting comes before replacing, both before destroying", async () => {
  const server = await startTestServer({ times });
  const { resource_uri } = await server.create({
    image: "tutum/exits:1",
    name: "job",
    autorestart: "ALWAYS",
    autoreplace: "ALWAYS",
    autodestroy: "ALWAYS",
  });
  await server.clock.advance(9 * SECOND);
  expect(await namesAndStates(server)).toEqual(["job-1 Terminated", "job-2 Running"]);
  await server.clock.advance(120 * SECOND);
  expect(await namesAndStates(server)).toEqual([1, 2, 3, 4].map(n => `job-${n} Terminated`));
  expect(await server.get(resource_uri)).toMatchObject({ state: "Not running", target_num_containers: 1 });
});

test("a container stopped through the API is not started again", async () => {
  const server = await startTestServer({ times });
  const { resource_uri } = await server.deploy({ image: "tutum/hello-world", autorestart: "ALWAYS" });
  await server.call("POST", `${resource_uri}stop/`);
  await server.settle();
  expect((await server.get(resource_uri)).state).toBe("Stopped");
});
