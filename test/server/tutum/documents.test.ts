/**
 * The samples of the API's documents, replayed: the same calls at the same times give the very same bodies.
 * One key is there that no sample has, because the vendor's later command line needs it: `image_name`.
 */
import { createManualClock } from "../../../server/index";
import { fixedUuids, startTestServer } from "../harness";
import createApplication from "./fixtures/create-application.json";
import getApplication from "./fixtures/get-application.json";
import getContainer from "./fixtures/get-container.json";
import listApplications from "./fixtures/list-applications.json";
import listContainers from "./fixtures/list-containers.json";
import startApplication from "./fixtures/start-application.json";
import startContainer from "./fixtures/start-container.json";
import stopApplication from "./fixtures/stop-application.json";
import stopContainer from "./fixtures/stop-container.json";
import terminateApplication from "./fixtures/terminate-application.json";
import terminateContainer from "./fixtures/terminate-container.json";
import updateApplication from "./fixtures/update-application.json";

const day = (time: string) => Date.parse(`2014-04-06T${time}Z`);

/** The documents' account had used 66 ports before. */
function sample<T>(fixture: T, firstPort: number): T {
  const renumber = (port: string) => String(49153 + Number(port) - firstPort);
  return JSON.parse(JSON.stringify(fixture).replace(/\b492\d\d\b/g, renumber));
}

function withoutImageName(body: Record<string, unknown>): Record<string, unknown> {
  if (Array.isArray(body.objects)) return { ...body, objects: body.objects.map(withoutImageName) };
  const { image_name, ...documented } = body;
  expect(image_name).toBe("tutum/hello-world:latest");
  return documented;
}

async function serverAt(time: string, uuids: string[], start: number) {
  const clock = createManualClock(day(time));
  const server = await startTestServer({
    clock,
    random: fixedUuids(uuids),
    times: { start, stop: 1_000, terminate: 1_000 },
  });
  const call = async (...request: Parameters<typeof server.call>) => {
    const answer = await server.call<Record<string, unknown>>(...request);
    return { ...answer, body: withoutImageName(answer.body) };
  };
  return { call, at: (next: string) => clock.advance(day(next) - clock.now()) };
}

test("an application goes through the documents' samples: list, get, update, stop, start, terminate", async () => {
  const uuids = [
    getApplication.uuid,
    ...updateApplication.containers.map(uri => uri.split("/")[4] as string),
  ];
  const { call, at } = await serverAt("17:59:40", uuids, 1_000);
  const uri = getApplication.resource_uri;

  await call("POST", "/api/v1/application/", {
    image: "tutum/hello-world",
    name: "my-web-app",
    target_num_containers: 2,
    autorestart: "ALWAYS",
    autoreplace: "ALWAYS",
    container_envvars: [{ key: "ENVIRONMENT", value: "dev" }],
    web_public_dns: "myapp.example.com",
  });
  await at("17:59:42");
  expect((await call("GET", "/api/v1/application/")).body).toEqual(listApplications);
  expect((await call("GET", uri)).body).toEqual(sample(getApplication, 49219));

  const updated = await call("PATCH", uri, { target_num_containers: 3 });
  expect(updated.status).toBe(202);
  expect(updated.body).toEqual(sample(updateApplication, 49219));

  await at("18:21:21");
  const stopped = await call("POST", `${uri}stop/`);
  expect(stopped.status).toBe(202);
  expect(stopped.body).toEqual(stopApplication);

  await at("18:23:55");
  const started = await call("POST", `${uri}start/`);
  expect(started.status).toBe(202);
  expect(started.body).toEqual(startApplication);

  await at("18:30:00");
  const terminated = await call("DELETE", uri);
  expect(terminated.status).toBe(202);
  expect(terminated.body).toEqual(terminateApplication);
});

test("a new application and its containers go through the documents' samples", async () => {
  const containers = createApplication.containers.map(uri => uri.split("/")[4] as string);
  const { call, at } = await serverAt("18:11:12", [createApplication.uuid, ...containers], 5_000);
  const uri = getContainer.resource_uri;

  const created = await call("POST", "/api/v1/application/", {
    image: "tutum/hello-world",
    name: "my-awesome-app",
    target_num_containers: 2,
    container_size: "XS",
    web_public_dns: "awesome-app.example.com",
  });
  expect(created.status).toBe(202);
  expect(created.body).toEqual(createApplication);
  expect(Object.keys(created.body)).toEqual(Object.keys(createApplication));

  await at("18:11:22");
  expect((await call("GET", "/api/v1/container/")).body).toEqual(sample(listContainers, 49221));
  const container = (await call("GET", uri)).body;
  expect(container).toEqual(sample(getContainer, 49221));
  expect(Object.keys(container)).toEqual(Object.keys(getContainer));

  await at("18:33:52");
  expect((await call("POST", `${uri}stop/`)).body).toEqual(sample(stopContainer, 49221));
  await at("18:34:58");
  expect((await call("POST", `${uri}start/`)).body).toEqual(sample(startContainer, 49221));
  await at("18:36:00");
  const terminated = await call("DELETE", uri);
  // The sample says Stopping, the text beside it Terminating.
  expect(terminated.body).toEqual({ ...sample(terminateContainer, 49221), state: "Terminating" });
});

test("answers carry the documents' headers, and JSON is the only content type", async () => {
  const server = await startTestServer();
  const { headers } = await server.call("GET", "/api/v1/application/");
  expect(headers.get("content-type")).toBe("application/json");
  expect(headers.get("cache-control")).toBe("must-revalidate, max-age=0");
  expect(headers.get("vary")).toBe("Accept, Authorization, Cookie");
});

test("a container's logs are text", async () => {
  const server = await startTestServer();
  const application = await server.deploy({ image: "tutum/hello-world" });
  const { status, body } = await server.call("GET", `${application.containers[0]}logs/`);
  expect(status).toBe(200);
  expect(body).toEqual({
    logs: expect.stringContaining("hello-world-1 started: tutum/hello-world:latest /run.sh"),
  });
});
