import type { Page } from "../../../provider/tutum/client";
import { type Container, type ErrorBody, startTestServer } from "../harness";

const ROOT = "/api/v1/container/";

async function serverWithContainers() {
  const server = await startTestServer();
  const application = await server.deploy({
    image: "tutum/hello-world",
    name: "web",
    target_num_containers: 2,
  });
  return { server, application, uri: application.containers[1] as string };
}

test("a container stops, starts and terminates on its own, and its application follows", async () => {
  const { server, application, uri } = await serverWithContainers();
  const state = async () => (await server.get(application.resource_uri)).state;

  expect((await server.call<Container>("POST", `${uri}stop/`)).body.state).toBe("Stopping");
  await server.settle();
  expect(await server.get<Container>(uri)).toMatchObject({ state: "Stopped", exit_code: 0 });
  expect(await state()).toBe("Partly running");

  expect((await server.call<Container>("POST", `${uri}start/`)).body.state).toBe("Starting");
  await server.settle();
  expect(await state()).toBe("Running");

  expect((await server.call<Container>("DELETE", uri)).body.state).toBe("Terminating");
  await server.settle();
  expect(await server.get(application.resource_uri)).toMatchObject({
    state: "Running",
    target_num_containers: 1,
    containers: [application.containers[0]],
  });
});

test.each([
  ["start", "Running", "POST", "start/"],
  ["stop", "Stopped", "POST", "stop/"],
  ["start", "Terminating", "POST", "start/"],
  ["stop", "Terminating", "POST", "stop/"],
  ["terminate", "Terminating", "DELETE", ""],
  ["terminate", "Terminated", "DELETE", ""],
])("%s when %s is refused", async (action, state, method, path) => {
  const { server, uri } = await serverWithContainers();
  if (state === "Stopped") await server.call("POST", `${uri}stop/`);
  if (state.startsWith("Terminat")) await server.call("DELETE", uri);
  if (!state.endsWith("ing")) await server.clock.advance(10_000);

  const answer = await server.call<ErrorBody>(method, uri + path);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toContain(`Cannot ${action} container "web-2": it is ${state}.`);
});

test("a process that exits leaves its code and what it means", async () => {
  const server = await startTestServer();
  const failing = await server.deploy({ image: "tutum/exits:3" });
  expect(failing.state).toBe("Stopped with errors");
  expect(await server.get<Container>(failing.containers[0] as string)).toMatchObject({
    state: "Stopped with errors",
    exit_code: 3,
    exit_code_msg: "Exit code 3 (Error)",
  });
  const ending = await server.deploy({ image: "tutum/exits:0" });
  expect(ending.state).toBe("Stopped");
  expect(await server.get<Container>(ending.containers[0] as string)).toMatchObject({
    exit_code_msg: "Exit code 0 (Success)",
  });
});

test("a container that cannot start says so in its state and its log", async () => {
  const server = await startTestServer();
  const application = await server.deploy({ image: "tutum/start-fails" });
  expect(application).toMatchObject({ state: "Start failed", deployed_datetime: null });
  const { logs } = await server.get<{ logs: string }>(`${application.containers[0]}logs/`);
  expect(logs).toContain("could not start tutum/start-fails:latest");
});

test.each([
  ["name=web", 2],
  ["name=web-1", 1],
  ["unique_name=web-2", 1],
  ["state=Running", 3],
  ["state=Stopped", 0],
  ["application__name=web", 2],
  ["application__name=db", 1],
  ["application__state=Running&name=web", 2],
  ["application__state=Stopped", 0],
  ["application__unique_name=db", 1],
  ["application__name=web&application__unique_name=db", 0],
])("the list filtered by %s has %d", async (query, count) => {
  const { server } = await serverWithContainers();
  await server.deploy({ image: "tutum/mysql", name: "db" });
  const { meta, objects } = await server.get<Page<Container>>(`${ROOT}?${query}`);
  expect([meta.total_count, objects.length]).toEqual([count, count]);
});

test("the list is filtered by uuid, its start, and the application's", async () => {
  const { server, application, uri } = await serverWithContainers();
  await server.deploy({ image: "tutum/mysql", name: "db" });
  const uuid = uri.split("/")[4] as string;
  const names = async (query: string) =>
    (await server.get<Page<Container>>(`${ROOT}?${query}`)).objects.map(container => container.unique_name);
  expect(await names(`uuid=${uuid}`)).toEqual(["web-2"]);
  expect(await names(`uuid__startswith=${uuid.slice(0, 8)}`)).toEqual(["web-2"]);
  expect(await names(`application__uuid=${application.uuid}`)).toEqual(["web-1", "web-2"]);
  expect(await names(`application__uuid__startswith=${application.uuid.slice(0, 8)}`)).toEqual([
    "web-1",
    "web-2",
  ]);
});

test("an application's logs hold its containers' lines with their names", async () => {
  const { server, application } = await serverWithContainers();
  const { logs } = await server.get<{ logs: string }>(`${application.resource_uri}logs/`);
  expect(logs.split("\n").map(line => line.slice(0, 7))).toEqual(["[web-1]", "[web-2]"]);
});
