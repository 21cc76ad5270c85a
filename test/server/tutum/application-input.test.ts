import type { Application } from "../../../provider/tutum/client";
import { type Container, type ErrorBody, startTestServer } from "../harness";

const ROOT = "/api/v1/application/";
const HELLO = { image: "tutum/hello-world" };
const NOWHERE = "00000000-0000-0000-0000-000000000000";

test.each<[field: string, value: unknown, message: string]>([
  ["image", undefined, 'This field is required: the image to deploy, as in "tutum/hello-world".'],
  [
    "image",
    "Bad Image",
    '"Bad Image" is not an image name: "[registry/][namespace/]name[:tag]" is expected.',
  ],
  ["image", 7, "7 is not a string."],
  ["name", "my_app", '"my_app" is not a name: letters, digits and "-" are allowed, at most 63 of them.'],
  ["container_size", "XXL", '"XXL" is not one of XS, S, M, L, XL.'],
  ["target_num_containers", "3", '"3" is not an integer from 1 to 100.'],
  ["target_num_containers", 0, "0 is not an integer from 1 to 100."],
  ["target_num_containers", -1, "-1 is not an integer from 1 to 100."],
  ["target_num_containers", 101, "101 is not an integer from 1 to 100."],
  ["run_command", ["a"], "a list of 1 is not a string."],
  ["container_ports", "80", '"80" is not a list.'],
  [
    "container_ports",
    [{ inner_port: 70000, protocol: "tcp" }],
    "[0]: inner_port 70000 is not an integer from 1 to 65535.",
  ],
  ["container_ports", [{ inner_port: 80, protocol: "sctp" }], '[0]: protocol "sctp" is not one of tcp, udp.'],
  [
    "container_ports",
    [{ inner_port: 80 }, { inner_port: 80, protocol: "tcp" }],
    "[1]: port 80/tcp is there twice.",
  ],
  ["run_command", "a\0b", "It holds a NUL character."],
  ["entrypoint", "a\0b", "It holds a NUL character."],
  ["container_envvars", "A=hunter2", "a text is not a list."],
  ["container_envvars", { A: "hunter2" }, "an object is not a list."],
  ["container_envvars", ["A=hunter2"], '[0]: a text is not an object like {"key": "NAME", "value": "text"}.'],
  ["container_envvars", [{ A: "hunter2" }], "[0]: its key is null, not the variable's name."],
  ["container_envvars", [{ key: ["hunter2"] }], "[0]: its key is a list of 1, not the variable's name."],
  ...["", "A=hunter2", "A\0B", "A".repeat(256)].map((key): [string, unknown, string] => [
    "container_envvars",
    [{ key, value: "x" }],
    '[0]: its key is not a variable\'s name: 1 to 255 characters, without "=" and NUL, are allowed.',
  ]),
  ["container_envvars", [{ key: "A", value: 1 }], "[0]: the value of A is not a string."],
  [
    "container_envvars",
    [
      { key: "A", value: "1" },
      { key: "A", value: "2" },
    ],
    "[1]: A is there twice.",
  ],
  ["linked_to_application", [`${ROOT}${NOWHERE}/`], `[0]: there is no application ${NOWHERE}.`],
  [
    "linked_to_application",
    ["db"],
    '[0]: "db" is not an application: "/api/v1/application/<uuid>/" is expected.',
  ],
  ["autorestart", "SOMETIMES", '"SOMETIMES" is not one of OFF, ON_FAILURE, ALWAYS.'],
  ["roles", ["root"], '[0]: "root" is not one of global.'],
  ...[
    "not a host",
    "127.0.0.1",
    "1.2",
    "a.example.com:80",
    "http://a.example.com",
    "a.example.com/x",
    "::1",
  ].map((host): [string, unknown, string] => [
    "web_public_dns",
    host,
    `"${host}" is not a host name, as in "my-app.example.com": no address, port, path or scheme.`,
  ]),
  [
    "target_num_containers",
    Number.POSITIVE_INFINITY,
    "a number that is too large is not an integer from 1 to 100.",
  ],
])("%s %j is refused with the reason", async (field, value, message) => {
  const server = await startTestServer();
  const sent = JSON.stringify({ ...HELLO, [field]: value === Number.POSITIVE_INFINITY ? "@" : value });
  const { status, body } = await server.call("POST", ROOT, sent.replace('"@"', "1e400"), {
    "Content-Type": "application/json",
  });
  expect([status, body]).toEqual([400, { application: { [field]: [message] } }]);
  expect(server.requests).toHaveLength(1);
});

test("names of variables are as Docker takes them: dots and dashes, digits in front, spaces, other scripts", async () => {
  const server = await startTestServer();
  const keys = [
    "discovery.type",
    "A-B",
    "1st",
    "with space",
    "größe",
    "__proto__",
    "constructor",
    "toString",
  ];
  const container_envvars = keys.map(key => ({ key, value: `of ${key}` }));
  const { containers } = await server.deploy({ ...HELLO, container_envvars });
  const container = await server.get<Container>(containers[0] as string);
  expect(container.container_envvars.map(({ key, value }) => ({ key, value }))).toEqual(container_envvars);
});

test("everything that is wrong is said at once, and nothing is created", async () => {
  const server = await startTestServer();
  const { body } = await server.call<ErrorBody>("POST", ROOT, {
    name: "-",
    target_num_containers: 1.5,
    roles: "x",
  });
  expect(Object.keys(body.application).sort()).toEqual(["image", "name", "roles", "target_num_containers"]);
  expect((await server.call<{ meta: object }>("GET", ROOT)).body.meta).toMatchObject({ total_count: 0 });
});

test("web_public_dns needs port 80, from the image or given", async () => {
  const server = await startTestServer();
  const web_public_dns = "www.example.com";
  const refused = await server.call<ErrorBody>("POST", ROOT, { image: "tutum/mysql", web_public_dns });
  expect(refused.body.application.web_public_dns).toEqual([
    '"www.example.com" needs an application that listens on port 80/tcp.',
  ]);
  const container_ports = [{ inner_port: 80, protocol: "tcp" }];
  expect((await server.create({ image: "me/mine", container_ports, web_public_dns })).web_public_dns).toBe(
    web_public_dns,
  );
});

test.each<[image: string, expected: Partial<Application>]>([
  [
    "tutum/mysql",
    { name: "mysql", image_tag: "/api/v1/image/tutum/mysql/tag/latest/", run_command: "/run.sh" },
  ],
  [
    "redis:2.8",
    { name: "redis", image_tag: "/api/v1/image/redis/tag/2.8/", run_command: "", entrypoint: "" },
  ],
  [
    "registry.example.com:5000/team/my_app:v1",
    {
      name: "my-app",
      image_tag: "/api/v1/image/registry.example.com:5000/team/my_app/tag/v1/",
      container_ports: [],
    },
  ],
])("image %s brings its defaults", async (image, expected) => {
  const server = await startTestServer();
  expect(await server.create({ image })).toMatchObject({
    ...expected,
    target_num_containers: 1,
    container_size: "XS",
    autorestart: "OFF",
    roles: [],
  });
});

test("image_tag is taken for image, null for absent, and unknown fields are ignored", async () => {
  const server = await startTestServer();
  const application = await server.create({
    image_tag: "tutum/redis",
    name: null,
    roles: null,
    something: { else: 1 },
  });
  expect(application).toMatchObject({ name: "redis", roles: [] });
});

test.each([
  "image",
  "name",
  "container_size",
  "run_command",
  "container_ports",
  "container_envvars",
  "roles",
])("%s can't be changed after creation", async field => {
  const server = await startTestServer();
  const { resource_uri } = await server.deploy(HELLO);
  const { status, body } = await server.call("PATCH", resource_uri, {
    [field]: "x",
    target_num_containers: 2,
  });
  expect([status, body]).toEqual([400, { application: { [field]: ["can't be changed after creation."] } }]);
  expect((await server.get(resource_uri)).target_num_containers).toBe(1);
});

test("a link to a terminated application is refused", async () => {
  const server = await startTestServer();
  const { resource_uri, uuid } = await server.deploy(HELLO);
  await server.call("DELETE", resource_uri);
  const { body } = await server.call<ErrorBody>("POST", ROOT, { ...HELLO, linked_to_application: [uuid] });
  expect(body.application.linked_to_application).toEqual([
    `[0]: application ${uuid} ("hello-world") is Terminating.`,
  ]);
});
