import { type Container, startTestServer, type TestServer } from "../harness";

const MYSQL = { image: "tutum/mysql", name: "db" };

async function environmentOf(server: TestServer, containerUri: string | undefined) {
  const { container_envvars } = await server.get<Container>(containerUri as string);
  return Object.fromEntries(container_envvars.map(({ key, value }) => [key, value]));
}

test("a linked application's containers get the target's variables under its unique name", async () => {
  const server = await startTestServer();
  await server.deploy(MYSQL);
  const db = await server.deploy(MYSQL);
  const web = await server.deploy({ image: "tutum/wordpress", linked_to_application: [db.resource_uri] });
  expect(await environmentOf(server, web.containers[0])).toEqual({
    DB_2_1_PORT: "tcp://db-2-1-admin.alpha-dev.tutum.io:49154",
    DB_2_1_PORT_3306_TCP: "tcp://db-2-1-admin.alpha-dev.tutum.io:49154",
    DB_2_1_PORT_3306_TCP_ADDR: "db-2-1-admin.alpha-dev.tutum.io",
    DB_2_1_PORT_3306_TCP_PORT: "49154",
    DB_2_1_PORT_3306_TCP_PROTO: "tcp",
    DB_2_TUTUM_API_URL: `https://app.tutum.co${db.resource_uri}`,
  });
});

test("with an alias the names are the alias's, numbered and for the first running container without number", async () => {
  const server = await startTestServer();
  const db = await server.deploy({ ...MYSQL, target_num_containers: 2 });
  await server.call("POST", `${db.containers[0]}stop/`);
  await server.settle();
  const linked_to_application = [{ to_application: db.resource_uri, name: "db" }];
  const web = await server.deploy({ image: "me/web", linked_to_application });
  const address = "db-2-admin.alpha-dev.tutum.io";
  expect(await environmentOf(server, web.containers[0])).toEqual({
    DB_PORT: `tcp://${address}:49154`,
    DB_PORT_3306_TCP: `tcp://${address}:49154`,
    DB_PORT_3306_TCP_ADDR: address,
    DB_PORT_3306_TCP_PORT: "49154",
    DB_PORT_3306_TCP_PROTO: "tcp",
    DB_2_PORT: `tcp://${address}:49154`,
    DB_2_PORT_3306_TCP: `tcp://${address}:49154`,
    DB_2_PORT_3306_TCP_ADDR: address,
    DB_2_PORT_3306_TCP_PORT: "49154",
    DB_2_PORT_3306_TCP_PROTO: "tcp",
    DB_TUTUM_API_URL: `https://app.tutum.co${db.resource_uri}`,
  });
});

test("links show on both ends as they were made: plain ones as URIs, those with an alias as objects", async () => {
  const server = await startTestServer();
  const [a, b, c] = [await server.create(MYSQL), await server.create(MYSQL), await server.create(MYSQL)];
  const web = await server.create({
    image: "me/web",
    linked_to_application: [a.resource_uri, b.uuid, { to_application: c.resource_uri, name: "main" }],
  });
  expect(web.linked_to_application).toEqual([
    a.resource_uri,
    b.resource_uri,
    { from_application: web.resource_uri, name: "main", to_application: c.resource_uri },
  ]);
  for (const target of [a, b, c]) {
    expect((await server.get(target.resource_uri)).linked_from_application).toEqual([web.resource_uri]);
  }
  await server.settle();
  await server.call("DELETE", web.resource_uri);
  await server.clock.advance(10_000);
  expect((await server.get(a.resource_uri)).linked_from_application).toEqual([]);
});

test("a link to a target that does not run brings its API URL only, and nothing changes later", async () => {
  const server = await startTestServer();
  const db = await server.create(MYSQL);
  const web = await server.deploy({ image: "me/web", linked_to_application: [db.uuid] });
  const expected = { DB_TUTUM_API_URL: `https://app.tutum.co${db.resource_uri}` };
  expect(await environmentOf(server, web.containers[0])).toEqual(expected);
  await server.call("POST", `${web.resource_uri}stop/`);
  await server.settle();
  await server.call("POST", `${web.resource_uri}start/`);
  await server.settle();
  expect(await environmentOf(server, web.containers[0])).toEqual(expected);
});

test("a container has the user's variables first, then its running siblings', its links', its role's; the user's win", async () => {
  const server = await startTestServer();
  const db = await server.deploy({ ...MYSQL, container_ports: [] });
  const web = await server.deploy({
    image: "tutum/hello-world",
    name: "web",
    target_num_containers: 2,
    roles: ["global"],
    container_envvars: [
      { key: "PASSWORD", value: "x" },
      { key: "DB_TUTUM_API_URL", value: "mine" },
    ],
    linked_to_application: [db.resource_uri],
  });
  expect(Object.keys(await environmentOf(server, web.containers[1]))).toEqual([
    "PASSWORD",
    "DB_TUTUM_API_URL",
    "WEB_1_PORT",
    "WEB_1_PORT_80_TCP",
    "WEB_1_PORT_80_TCP_ADDR",
    "WEB_1_PORT_80_TCP_PORT",
    "WEB_1_PORT_80_TCP_PROTO",
    "TUTUM_AUTH",
  ]);
  expect(await environmentOf(server, web.containers[0])).toEqual({
    PASSWORD: "x",
    DB_TUTUM_API_URL: "mine",
    TUTUM_AUTH: "ApiKey admin:secret-key",
  });
});

test("of several ports the lowest TCP one gives the variable without port number", async () => {
  const server = await startTestServer();
  const application = await server.deploy({
    image: "me/many",
    name: "many",
    container_ports: [
      { protocol: "udp", inner_port: 53 },
      { protocol: "tcp", inner_port: 8080 },
      { protocol: "tcp", inner_port: 443 },
    ],
  });
  const { link_variables } = await server.get<Container>(application.containers[0] as string);
  expect(link_variables.MANY_1_PORT).toBe(link_variables.MANY_1_PORT_443_TCP);
  expect(link_variables.MANY_1_PORT_53_UDP).toBe("udp://many-1-admin.alpha-dev.tutum.io:49153");
  expect(link_variables.MANY_1_PORT_53_UDP_PROTO).toBe("udp");
});
