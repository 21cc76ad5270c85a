import Ajv2020 from "ajv/dist/2020";
import { startControlled } from "../control-api";
import { readDocument } from "../documented";
import { startTestServer } from "../harness";

test("the document is OpenAPI 3.1 and needs no credentials", async () => {
  const server = await startTestServer();
  const answer = await fetch(`${server.url}/openapi.json`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
  const document = await readDocument(server.url);
  expect(document.openapi).toBe("3.1.0");
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  );
  expect(operations).toEqual([
    "GET /api/v1/application/",
    "POST /api/v1/application/",
    "GET /api/v1/application/{uuid}/",
    "PATCH /api/v1/application/{uuid}/",
    "DELETE /api/v1/application/{uuid}/",
    "POST /api/v1/application/{uuid}/start/",
    "POST /api/v1/application/{uuid}/stop/",
    "POST /api/v1/application/{uuid}/redeploy/",
    "GET /api/v1/application/{uuid}/logs/",
    "GET /api/v1/container/",
    "GET /api/v1/container/{uuid}/",
    "DELETE /api/v1/container/{uuid}/",
    "POST /api/v1/container/{uuid}/start/",
    "POST /api/v1/container/{uuid}/stop/",
    "GET /api/v1/container/{uuid}/logs/",
    "GET /api/v1/image/",
    "POST /api/v1/image/",
    "GET /api/v1/image/{name}",
    "PATCH /api/v1/image/{name}",
    "DELETE /api/v1/image/{name}",
    "GET /api/v1/auth/",
    "GET /api/v1/role/",
    "GET /api/v1/role/global/",
  ]);
});

test("the control API is in the document where it is on", async () => {
  const server = await startControlled();
  const paths = Object.keys((await readDocument(server.url)).paths);
  expect(paths).toContain("/_tutum/faults/{id}/release");
  expect(paths).not.toContain("/_tutum/lease");
});

test("every schema and every reference in the document holds", async () => {
  const server = await startControlled();
  const document = await readDocument(server.url);
  const ajv = new Ajv2020({ strict: false });
  for (const name of Object.keys(document.components.schemas)) {
    ajv.compile({ $ref: `#/components/schemas/${name}`, components: document.components });
  }
  const references = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
  const known = Object.keys(document.components.schemas).map(name => `"$ref":"#/components/schemas/${name}"`);
  expect(references.filter(reference => !known.includes(reference))).toEqual([]);
  expect(references.length).toBeGreaterThan(50);
});

test("a page shows the document, and all it needs comes from the server", async () => {
  const server = await startTestServer();
  const home = await fetch(server.url);
  expect(home.url).toBe(`${server.url}/docs/`);
  expect(home.headers.get("content-type")).toContain("text/html");
  expect(home.headers.get("content-security-policy")).toContain("default-src 'self'");
  const html = await home.text();
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source as string);
  expect(sources.length).toBeGreaterThan(4);
  for (const source of sources) {
    expect(source).toMatch(/^\.\//);
    expect((await fetch(new URL(source, home.url))).status).toBe(200);
  }
  expect(await (await fetch(`${server.url}/docs/static/swagger-initializer.js`)).text()).toContain(
    "/openapi.json",
  );
});

test("the schemas change nothing: numbers that come as text are refused as before, unknown fields ignored", async () => {
  const server = await startTestServer();
  const bad = await server.call("POST", "/api/v1/application/", { image: "a/b", target_num_containers: "2" });
  expect([bad.status, bad.body]).toEqual([
    400,
    { application: { target_num_containers: ['"2" is not an integer from 1 to 100.'] } },
  ]);
  const good = await server.call("POST", "/api/v1/application/", { image: "a/b", something: { new: true } });
  expect(good.status).toBe(202);
  expect(await server.get("/api/v1/application/?limit=x")).toEqual({
    error: "Invalid limit 'x' provided. Please provide a positive integer.",
  });
});
