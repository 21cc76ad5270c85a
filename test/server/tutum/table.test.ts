/** Every endpoint with every bad method, credential, header and body; states, filters and pages with simulated containers. */
import type { Application, Page } from "../../../provider/tutum/client";
import { startTestServer } from "../harness";
import { describeTable } from "./api-table";

const APPLICATIONS = "/api/v1/application/";
const CONTAINERS = "/api/v1/container/";
const NOBODY = "00000000-0000-0000-0000-000000000000";
const HELLO = {
  image: "tutum/hello-world",
  name: "web",
  container_ports: [{ protocol: "tcp", inner_port: 80 }],
};

const ENDPOINTS: [method: string, path: string][] = [
  ["GET", APPLICATIONS],
  ["POST", APPLICATIONS],
  ["GET", `${APPLICATIONS}${NOBODY}/`],
  ["PATCH", `${APPLICATIONS}${NOBODY}/`],
  ["DELETE", `${APPLICATIONS}${NOBODY}/`],
  ["POST", `${APPLICATIONS}${NOBODY}/start/`],
  ["POST", `${APPLICATIONS}${NOBODY}/stop/`],
  ["POST", `${APPLICATIONS}${NOBODY}/redeploy/`],
  ["GET", `${APPLICATIONS}${NOBODY}/logs/`],
  ["GET", CONTAINERS],
  ["GET", `${CONTAINERS}${NOBODY}/`],
  ["DELETE", `${CONTAINERS}${NOBODY}/`],
  ["POST", `${CONTAINERS}${NOBODY}/start/`],
  ["POST", `${CONTAINERS}${NOBODY}/stop/`],
  ["GET", `${CONTAINERS}${NOBODY}/logs/`],
];

describe("every endpoint", () => {
  const paths = [...new Set(ENDPOINTS.map(([, path]) => path))];

  test("answers 404 with an empty body for an id that nothing has", async () => {
    const server = await startTestServer();
    for (const [method, path] of ENDPOINTS.filter(([, endpoint]) => endpoint.includes(NOBODY))) {
      for (const id of [NOBODY, "web", "..", "%2e%2e", "a%2Fb", "%00", "x".repeat(90)]) {
        const answer = await server.call(method, path.replace(NOBODY, id));
        expect([method, path, id, answer.status, answer.text]).toEqual([method, path, id, 404, ""]);
      }
    }
  });

  test("answers 405 for every other method, and names those it has", async () => {
    const server = await startTestServer();
    for (const path of paths) {
      const offered = ENDPOINTS.filter(([, endpoint]) => endpoint === path).map(([method]) => method);
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        if (offered.includes(method)) continue;
        const answer = await server.call(method, path);
        const allow = answer.headers.get("allow")?.split(", ").sort();
        expect([method, path, answer.status, answer.text, allow]).toEqual([
          method,
          path,
          405,
          "",
          [...offered].sort(),
        ]);
      }
    }
  });

  test("answers 401 with an empty body before it looks at anything", async () => {
    const wrong = [
      "",
      "ApiKey",
      "ApiKey admin",
      "ApiKey admin:",
      "ApiKey admin:Secret-key",
      "Basic !",
      "Bearer x",
    ];
    for (const [method, path] of ENDPOINTS) {
      // One for each: it soon has enough of wrong credentials.
      const server = await startTestServer();
      for (const Authorization of wrong) {
        const body = method === "POST" || method === "PATCH" ? "{" : undefined;
        const answer = await server.call(method, path, body, { Authorization });
        expect([method, path, Authorization, answer.status, answer.text]).toEqual([
          method,
          path,
          Authorization,
          401,
          "",
        ]);
      }
    }
  });

  test("takes any Accept header, and a JSON content type on an empty body", async () => {
    const server = await startTestServer();
    for (const [method, path] of ENDPOINTS) {
      const statuses = new Set<number>();
      for (const Accept of ["application/json", "*/*", "text/html", "application/xml;q=0.9", "x"]) {
        const headers = { Accept, "Content-Type": "application/json" };
        statuses.add((await server.call(method, path, undefined, headers)).status);
      }
      const expected = path.includes(NOBODY) ? 404 : method === "POST" ? 400 : 200;
      expect([method, path, [...statuses]]).toEqual([method, path, [expected]]);
    }
  });

  test("is the same with and without the slash at the end", async () => {
    const server = await startTestServer();
    for (const [method, path] of ENDPOINTS) {
      const [with_, without] = [
        await server.call(method, path),
        await server.call(method, path.slice(0, -1)),
      ];
      expect([method, path, without.status, without.text]).toEqual([method, path, with_.status, with_.text]);
    }
  });

  test("carries the documents' headers, whatever the status", async () => {
    const server = await startTestServer();
    for (const [method, path] of ENDPOINTS) {
      const { headers } = await server.call(method, path);
      expect(headers.get("cache-control")).toBe("must-revalidate, max-age=0");
      expect(headers.get("vary")).toBe("Accept, Authorization, Cookie");
    }
  });

  const BAD_BODIES: [name: string, body: string, type: string, status: number, error: RegExp][] = [
    ["of one brace", "{", "application/json", 400, /not valid JSON/],
    ["with a comma too many", '{"a":1,}', "application/json", 400, /not valid JSON/],
    ["of a NUL", "\u0000", "application/json", 400, /not valid JSON/],
    ["with a prototype", '{"__proto__":{"a":1}}', "application/json", 400, /must not have a key "__proto__"/],
    [
      "of 33 levels",
      `${"[".repeat(33)}${"]".repeat(33)}`,
      "application/json",
      400,
      /nested deeper than 32 levels/,
    ],
    ["that is plain text", "{}", "text/plain", 415, /must be application\/json/],
    ["of a form", "a=b", "application/x-www-form-urlencoded", 415, /must be application\/json/],
    ["of an unknown type", "{}", "application/jsonp", 415, /must be application\/json/],
    ["of more than 1 MiB", `"${"x".repeat(1024 * 1024)}"`, "application/json", 413, /too large/],
  ];

  test.each(BAD_BODIES)("that may have a body refuses one %s", async (_name, body, type, status, error) => {
    const server = await startTestServer();
    for (const [method, path] of ENDPOINTS.filter(([name]) => name === "POST" || name === "PATCH")) {
      const answer = await server.call(method, path, body, { "Content-Type": type });
      expect([method, path, answer.status, answer.body]).toEqual([
        method,
        path,
        status,
        { error: expect.stringMatching(error) },
      ]);
    }
    expect((await server.get<Page<Application>>(APPLICATIONS)).meta.total_count).toBe(0);
  });

  test.each(["[]", '"x"', "1", "true"])("that reads a body wants an object, not %s", async body => {
    const server = await startTestServer();
    const { resource_uri } = await server.deploy(HELLO);
    for (const [method, path] of [
      ["POST", APPLICATIONS],
      ["PATCH", resource_uri],
      ["POST", `${resource_uri}redeploy/`],
    ] as const) {
      const answer = await server.call(method, path, body);
      expect([answer.status, answer.body]).toEqual([
        400,
        { application: "The request body must be a JSON object." },
      ]);
    }
  });
});

describe("a new application", () => {
  const TYPES: Record<string, unknown> = {
    a_number: 7,
    a_fraction: 1.5,
    a_text: "\u0001 text",
    a_list: [1],
    an_object: { a: 1 },
    true: true,
    false: false,
  };
  /** What of these each field takes. */
  const FIELDS: Record<string, string[]> = {
    image: [],
    name: [],
    container_size: [],
    target_num_containers: ["a_number"],
    run_command: ["a_text"],
    entrypoint: ["a_text"],
    container_ports: [],
    container_envvars: [],
    linked_to_application: [],
    autorestart: [],
    autoreplace: [],
    autodestroy: [],
    roles: [],
    web_public_dns: [],
  };
  const wrong = Object.entries(FIELDS).flatMap(([field, taken]) =>
    Object.keys(TYPES).map(type => ({ field, type, ok: taken.includes(type) })),
  );

  test.each(wrong)("with $type as $field: $ok", async ({ field, type, ok }) => {
    const server = await startTestServer();
    const answer = await server.call<object>("POST", APPLICATIONS, { ...HELLO, [field]: TYPES[type] });
    if (ok) expect(answer.status).toBe(202);
    else {
      expect([answer.status, answer.body]).toEqual([
        400,
        { application: { [field]: expect.arrayContaining([expect.any(String)]) } },
      ]);
    }
    const { meta } = await server.get<Page<Application>>(APPLICATIONS);
    expect(meta.total_count).toBe(ok ? 1 : 0);
  });

  test.each(Object.keys(FIELDS).filter(field => field !== "image"))(
    "with null as %s takes its default",
    async field => {
      const server = await startTestServer();
      const shownAs = (application: Application) =>
        JSON.stringify(application[field as keyof Application]).replaceAll(application.uuid, "<uuid>");
      const plain = await server.create({ image: "tutum/hello-world" });
      expect(shownAs(await server.create({ image: "tutum/hello-world", [field]: null }))).toBe(
        shownAs(plain),
      );
    },
  );
});

describeTable(startTestServer);
