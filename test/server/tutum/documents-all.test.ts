/**
 * Every example of the API's documents, request and response, in the documents' order: the request is sent with
 * exactly their headers and body, and what comes back has the sample's status, headers, keys, types and formats.
 * (`documents.test.ts` compares values, too, where the samples tell one story.)
 */

import { type Container, startTestServer, type TestServer } from "../harness";
import containerLogs from "./fixtures/container-logs.json";
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

const WEB = {
  image: "tutum/hello-world",
  name: "my-web-app",
  target_num_containers: 2,
  autorestart: "ALWAYS",
  autoreplace: "ALWAYS",
  container_envvars: [{ key: "ENVIRONMENT", value: "dev" }],
  web_public_dns: "myapp.example.com",
};
const AWESOME = {
  image: "tutum/hello-world",
  name: "my-awesome-app",
  target_num_containers: 2,
  container_size: "XS",
  web_public_dns: "awesome-app.example.com",
};

interface Example {
  title: string;
  method: string;
  /** Brings the server to where the example begins, and returns its path. */
  path: (server: TestServer) => Promise<string>;
  body?: object;
  status: number;
  sample: object;
}

const application = (suffix = "", states: string[] = []) => {
  return async (server: TestServer) => {
    const { resource_uri } = await server.deploy({ ...WEB, target_num_containers: 3 });
    for (const action of states) {
      await server.call("POST", `${resource_uri}${action}/`);
      await server.settle();
    }
    return resource_uri + suffix;
  };
};
const container = (suffix = "", states: string[] = []) => {
  return async (server: TestServer) => {
    const uri = (await server.deploy(AWESOME)).containers[1] as string;
    for (const action of states) {
      await server.call("POST", `${uri}${action}/`);
      await server.settle();
    }
    return uri + suffix;
  };
};
const at = (path: string, create?: object) => async (server: TestServer) => {
  if (create) await server.deploy(create);
  return path;
};

const EXAMPLES: Example[] = [
  {
    title: "List all applications",
    method: "GET",
    path: at("/api/v1/application/", WEB),
    status: 200,
    sample: listApplications,
  },
  {
    title: "Get application details",
    method: "GET",
    path: async server => (await server.deploy(WEB)).resource_uri,
    status: 200,
    sample: getApplication,
  },
  {
    title: "Create and launch a new application",
    method: "POST",
    path: at("/api/v1/application/"),
    body: AWESOME,
    status: 202,
    sample: createApplication,
  },
  {
    title: "Update an application",
    method: "PATCH",
    path: async server => (await server.deploy(WEB)).resource_uri,
    body: { target_num_containers: 3 },
    status: 202,
    sample: updateApplication,
  },
  {
    title: "Start an application",
    method: "POST",
    path: application("start/", ["stop"]),
    status: 202,
    sample: startApplication,
  },
  {
    title: "Stop an application",
    method: "POST",
    path: application("stop/"),
    status: 202,
    sample: stopApplication,
  },
  {
    title: "Terminate an application",
    method: "DELETE",
    path: application("", ["stop", "start"]),
    status: 202,
    sample: terminateApplication,
  },
  {
    title: "List all containers",
    method: "GET",
    path: at("/api/v1/container/", AWESOME),
    status: 200,
    sample: listContainers,
  },
  { title: "Get container details", method: "GET", path: container(), status: 200, sample: getContainer },
  {
    title: "Start a container",
    method: "POST",
    path: container("start/", ["stop"]),
    status: 202,
    sample: startContainer,
  },
  {
    title: "Stop a container",
    method: "POST",
    path: container("stop/"),
    status: 202,
    sample: stopContainer,
  },
  {
    title: "Get logs for a container",
    method: "GET",
    path: container("logs/"),
    status: 200,
    sample: containerLogs,
  },
  {
    title: "Terminate a container",
    method: "DELETE",
    path: container("", ["stop", "start"]),
    status: 202,
    sample: terminateContainer,
  },
];

test.each(EXAMPLES)("$title: $method is answered $status like the sample", async example => {
  const server = await startTestServer();
  const path = await example.path(server);
  const headers = { Accept: "application/json", Authorization: "ApiKey admin:secret-key" };
  const answer = await server.call<object>(example.method, path, example.body, headers);
  expect(answer.status).toBe(example.status);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "cache-control": "must-revalidate, max-age=0",
    "content-type": "application/json",
    vary: "Accept, Authorization, Cookie",
  });
  expect(shape(withoutLater(answer.body))).toEqual(shape(example.sample));
  // One sample is in no order; the others are sorted.
  expect(Object.keys(withoutLater(answer.body))).toEqual(Object.keys(example.sample).sort());
});

test.each([
  ["name=my-web-app", 1],
  ["uuid__startswith=7eaf7fff", 0],
])("the documents' Application.list(%s) finds %d", async (query, count) => {
  const server = await startTestServer();
  await server.deploy(WEB);
  const { objects } = await server.get<{ objects: object[] }>(`/api/v1/application/?${query}`);
  expect(objects).toHaveLength(count);
});

test('the documents\' Container.list(name="my-web-app-1") finds the container of that unique name', async () => {
  const server = await startTestServer();
  await server.deploy(WEB);
  const { objects } = await server.get<{ objects: Container[] }>("/api/v1/container/?name=my-web-app-1");
  expect(objects.map(({ unique_name }) => unique_name)).toEqual(["my-web-app-1"]);
});

/** `image_name` came with the clients of the following months. */
function withoutLater<T>(body: T): T {
  return JSON.parse(JSON.stringify(body), function (this: unknown, key, value) {
    return key === "image_name" ? undefined : value;
  }) as T;
}

const FORMATS: [name: string, pattern: RegExp][] = [
  ["date", /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [1-9]\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/],
  ["uuid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ["application", /^\/api\/v1\/application\/[0-9a-f-]{36}\/$/],
  ["container", /^\/api\/v1\/container\/[0-9a-f-]{36}\/$/],
  ["API URL", /^https:\/\/app\.tutum\.co\/api\/v1\/application\/[0-9a-f-]{36}\/$/],
  ["address", /^tcp:\/\/[a-z0-9-]+-\d+-admin\.[a-z]+-dev\.tutum\.io:\d{5}$/],
  ["host", /^[a-z0-9-]+-\d+-admin\.[a-z]+-dev\.tutum\.io$/],
  ["outer port", /^(49|[56]\d)\d{3}$/],
  ["log", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (CRIT|WARN|INFO) /],
];

/** What the sample cannot fix: the state a second later, and which slip of the documents is right. */
function shape(value: unknown, key = ""): unknown {
  if (key === "state") return typeof value;
  if (Array.isArray(value)) return [...new Set(value.map(item => JSON.stringify(shape(item))))];
  if (typeof value === "object" && value !== null) {
    const shapes = Object.entries(value).map(([name, item]) => [name, shape(item, name)] as const);
    return Object.fromEntries(shapes.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (typeof value === "number") return key === "outer_port" ? "outer port" : "number";
  if (typeof value !== "string") return String(value);
  const format = FORMATS.find(([, pattern]) => pattern.test(value));
  if (format) return format[0];
  return value;
}
