/** Recorded requests are weighed: neither long ones nor many fill the memory. */
import Fastify from "fastify";
import { redactionFor } from "../../../../server/apis/tutum/redaction";
import { type RecorderLimits, RequestRecorder } from "../../../../server/host/http/recorded-requests";
import { startTestServer } from "../../harness";

const ROOT = "/api/v1/application/";

/** Requests with `?wrong` have no right credentials. */
async function recorded(limits: Partial<RecorderLimits>) {
  const recorder = new RequestRecorder(limits);
  const app = Fastify();
  recorder.attach(app, {
    name: "made-up",
    owns: () => true,
    callerOf: () => null,
    redaction: redactionFor("admin"),
  });
  app.addHook("onRequest", async (request, reply) =>
    "wrong" in (request.query as object) ? reply.code(401).send() : undefined,
  );
  app.post("/api/*", async () => ({}));
  const post = (path: string, body: object = {}) => app.inject({ method: "POST", url: `/api/${path}`, body });
  const paths = () => recorder.all.map(({ path }) => path.slice("/api/".length));
  return { recorder, post, paths };
}

test("all of them together weigh no more than the limit; the oldest are forgotten", async () => {
  const { recorder, post, paths } = await recorded({ bytes: 100_000 });
  for (let n = 0; n < 50; n++) await post(`${n}`, { name: "x".repeat(2_000), image: "y".repeat(2_000) });
  expect(recorder.bytes).toBeLessThanOrEqual(100_000);
  expect(paths().length).toBeGreaterThan(20);
  expect(paths().at(-1)).toBe("49");
  recorder.clear();
  expect([recorder.bytes, recorder.all]).toEqual([0, []]);
});

test("there are no more than the limit", async () => {
  const { post, paths } = await recorded({ count: 3 });
  for (let n = 0; n < 5; n++) await post(`${n}`);
  expect(paths()).toEqual(["2", "3", "4"]);
});

test("strangers push each other out, and never those whose credentials were right", async () => {
  const { post, paths } = await recorded({ count: 5, strangers: 2 });
  await post("mine");
  for (let n = 0; n < 10; n++) await post(`${n}?wrong`);
  expect(paths()).toEqual(["mine", "8", "9"]);
});

test("of a long body, path and query the beginning is kept, and that it was cut", async () => {
  const server = await startTestServer();
  await server.call("POST", ROOT, { image: "a/b", name: "n".repeat(900_000) });
  await server.call("POST", ROOT, { image: "a/b", roles: Array(20_000).fill("x") });
  await server.call("GET", `${ROOT}?name=${"q".repeat(9_000)}`);
  await fetch(`${server.url}/api/v1/${"p".repeat(9_000)}`);
  const [long, many, asked, stranger] = server.requests;
  expect(long).toMatchObject({ cut: true, body: { name: `${"n".repeat(500)}… (900000 characters)` } });
  const { roles = [] } = (many?.body ?? {}) as { roles?: string[] };
  expect([many?.cut, roles.length < 2_000, roles.at(-1)]).toEqual([
    true,
    true,
    expect.stringMatching(/^\(\d+ more\)$/),
  ]);
  expect(asked).toMatchObject({ cut: true, query: { name: `${"q".repeat(500)}… (9000 characters)` } });
  expect(stranger?.path).toBe(`/api/v1/${"p".repeat(248)}… (9008 characters)`);
  expect(JSON.stringify(server.requests).length).toBeLessThan(30_000);
});
