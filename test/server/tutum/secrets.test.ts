/**
 * Secrets in every place where they do not belong: none comes out again, neither in answers nor in what is recorded,
 * logged and counted. FUZZ_SEED repeats a failure that was printed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { createLogger } from "../../../server/commands/log";
import { startControlled } from "../control-api";
import { temporaryFolder } from "../harness";

const seed = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);
const CANARY = "canary-hunter2";
const ROOT = "/api/v1/application/";

/** Never the bare text: where a plain text belongs, messages name it. */
const misplaced = fc.letrec(tie => ({
  any: fc.oneof(
    fc.constant({ [CANARY]: CANARY }),
    fc.constant([CANARY]),
    fc.constant({ key: "A", value: CANARY }),
    fc.constant({ password: CANARY }),
    fc.record({ nested: tie("any") }),
    fc.array(tie("any"), { minLength: 1, maxLength: 3 }),
  ),
})).any;
const wrapped = fc.record({ nested: misplaced });
const variable = fc.oneof(
  fc.constant(CANARY),
  fc.constant({ MYSQL_PASS: CANARY }),
  fc.constant({ [CANARY]: "x" }),
  fc.constant({ key: "A", Value: CANARY }),
  fc.constant({ key: "A", value: [CANARY] }),
  fc.constant({ key: "A", value: { [CANARY]: CANARY } }),
  fc.constant({ key: `MYSQL_PASS=${CANARY}`, value: "x" }),
  fc.constant({ key: `A\0${CANARY}`, value: CANARY }),
  fc.constant({ key: [CANARY], value: CANARY }),
  fc.constant({ key: "B", value: `${CANARY}\0` }),
  fc.constant({ key: "C", value: CANARY.repeat(3_000) }),
  fc.constant({ name: "A", value: CANARY }),
  fc.constant([CANARY, CANARY]),
);
const variables = fc.oneof(
  fc.constant(CANARY),
  fc.constant({ MYSQL_PASS: CANARY }),
  fc.constant({ [CANARY]: "x" }),
  fc.array(variable, { minLength: 1, maxLength: 4 }),
  misplaced,
);
const fields = {
  image: misplaced,
  name: misplaced,
  container_size: misplaced,
  target_num_containers: misplaced,
  run_command: misplaced,
  entrypoint: misplaced,
  container_ports: misplaced,
  container_envvars: variables,
  linked_to_application: wrapped,
  autorestart: misplaced,
  roles: wrapped,
  web_public_dns: misplaced,
  sequential_deployment: misplaced,
  tag: misplaced,
  username: misplaced,
  description: misplaced,
  password: fc.oneof(fc.constant(CANARY.repeat(400)), misplaced),
  apikey: fc.constant(CANARY),
  env: variables,
};
/** Texts in places for texts, in requests that are refused for one of them, or do not know the place. */
const withPassword = fc.constantFrom(
  `me:${CANARY}@quay.io/me/app`,
  `https://me:${CANARY}@quay.io/me/app:1`,
  `quay.io/me/app?token=@${CANARY}@x`,
  `me:pass/${CANARY}@quay.io/me/app`,
);
const freeText = fc.constantFrom(CANARY, `serve --password=${CANARY}`, `MYSQL_PASS=${CANARY} serve`);
const refused = fc
  .record(
    {
      image: withPassword,
      image_tag: withPassword,
      name: withPassword,
      web_public_dns: withPassword,
      container_size: withPassword,
      autorestart: withPassword,
      linked_to_application: fc.array(withPassword),
      run_command: freeText,
      entrypoint: freeText,
      description: freeText,
      username: freeText,
      password: freeText,
      tag: withPassword,
    },
    { requiredKeys: ["image", "name", "web_public_dns"] },
  )
  .map(value => JSON.stringify({ ...value, target_num_containers: "many", password: [CANARY] }));
const body = fc.oneof(
  { weight: 6, arbitrary: fc.record(fields, { requiredKeys: [] }).map(value => JSON.stringify(value)) },
  { weight: 3, arbitrary: refused },
  { weight: 1, arbitrary: fc.record(fields).map(value => JSON.stringify([value])) },
  { weight: 1, arbitrary: fc.constant(JSON.stringify(CANARY)) },
  // Not JSON, after some of it was.
  {
    weight: 3,
    arbitrary: fc
      .record(fields, { requiredKeys: [] })
      .chain(value =>
        fc.nat(200).map(at => JSON.stringify({ ...value, z: CANARY }).slice(0, -1 - (at % 40))),
      ),
  },
  { weight: 1, arbitrary: fc.constant(`PASSWORD=${CANARY}`) },
);
const query = fc.constantFrom(
  "",
  `?password=${CANARY}`,
  `?apikey=${CANARY}`,
  `?username=admin&api_key=${CANARY}`,
  `?username=${CANARY}&api_key=x`,
  `?${CANARY}=1`,
  `?token=${CANARY}&limit=1`,
  `?name=me:${CANARY}@quay.io`,
);
const encoded = (text: string) => Buffer.from(text).toString("base64");
const authorization = fc.oneof(
  { weight: 6, arbitrary: fc.constant("ApiKey admin:secret-key") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `ApiKey ${CANARY}`,
      `ApiKey ${CANARY}:`,
      `Basic ${encoded(`${CANARY}:`)}`,
      `Basic ${encoded(`${CANARY}:x-oauth-basic`)}`,
      `Basic ${encoded(`:${CANARY}`)}`,
      `Bearer ${CANARY}`,
      CANARY,
    ),
  },
);
const place = fc.constantFrom(
  ["POST", ROOT],
  ["POST", ROOT],
  ["PATCH", "@"],
  ["POST", "@redeploy/"],
  ["POST", "/api/v1/image/"],
  ["PATCH", "/api/v1/image/me/app/"],
  ["GET", ROOT],
  ["GET", "/api/v1/nothing/"],
  ["GET", `/api/v1/image/me:${CANARY}@quay.io/me/app/`],
  ["PATCH", `/api/v1/image/https%3A%2F%2Fme:pass%2F${CANARY}%40quay.io/me/app/`],
);

test("a secret in a wrong place is in no answer, record, log line or metric", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const logger = createLogger({ level: "trace", dataDir, quiet: true });
  const server = await startControlled({ logger });
  const { resource_uri } = await server.deploy({ image: "tutum/hello-world" });
  await server.call("POST", "/api/v1/image/", { name: "me/app" });
  let answers = 0;
  const property = fc.asyncProperty(
    place,
    query,
    authorization,
    body,
    async ([method, path], search, Authorization, sent) => {
      const url = server.url + (path as string).replace(/^@/, resource_uri) + search;
      const headers = { Authorization, "Content-Type": "application/json", Cookie: `session=${CANARY}` };
      const answer = await fetch(url, { method, headers, body: method === "GET" ? undefined : sent });
      const text = await answer.text();
      answers++;
      if (answer.status >= 500) throw new Error(`${answer.status}: ${text}`);
      // What was accepted is the owner's to see.
      if (answer.status >= 400 && text.includes(CANARY)) throw new Error(`${answer.status}: ${text}`);
    },
  );
  await fc.assert(property, { numRuns: 1_000, seed });
  const recorded = (await server.ask("GET", "requests")).text;
  const metrics = await fetch(`${server.control?.url}metrics`, {
    headers: { Authorization: `Bearer ${server.control?.token}` },
  });
  await server.close();
  const log = readFileSync(join(dataDir, "server.log"), "utf8");
  expect(answers).toBe(1_000);
  expect(recorded.length).toBeGreaterThan(100_000);
  expect(log.split("\n").length).toBeGreaterThan(1_000);
  for (const text of [recorded, log, await metrics.text()]) {
    const at = text.indexOf(CANARY);
    expect(at < 0 ? "nowhere" : text.slice(Math.max(0, at - 300), at + 50)).toBe("nowhere");
  }
});

test("what is known to be no secret is recorded as it was sent, free texts that the answer shows too; of all else the shape", async () => {
  const server = await startControlled();
  const sent = {
    image: "tutum/mysql",
    target_num_containers: 2,
    sequential_deployment: true,
    container_ports: [{ inner_port: 3306, protocol: "tcp" }],
    container_envvars: [{ key: "MYSQL_PASS", value: "x" }],
    linked_to_application: ["a", { to_application: "b", name: "c" }],
    roles: ["global"],
    web_public_dns: null,
  };
  await server.call("POST", ROOT, sent);
  await server.call("POST", ROOT, {
    image: 7,
    name: ["a", "b"],
    container_envvars: { A: "x", B: "y" },
    linked_to_application: [["a"], { to_application: { uuid: "b" }, alias: "c" }],
    roles: "global",
    nobody: "knows",
  });
  await server.call("POST", ROOT, ["a"]);
  await server.call("POST", ROOT, { image: "me:secret@quay.io/me/app", name: "app", run_command: "serve" });
  const accepted = { image: "quay.io/me/app:1", name: "app", run_command: "serve --all", web_public_dns: "" };
  await server.call("POST", ROOT, accepted);
  expect(server.requests.map(request => request.body)).toEqual([
    { ...sent, container_envvars: [{ key: "MYSQL_PASS", value: "***" }] },
    {
      image: "(a number)",
      name: "(a list of 2)",
      container_envvars: "(an object of 2)",
      linked_to_application: ["(a list of 1)", { to_application: "(an object of 1)", "(unknown fields)": 1 }],
      roles: "(a text of 6 characters)",
      "(unknown fields)": 1,
    },
    "(a list of 1)",
    { image: "(a text of 24 characters)", name: "app", run_command: "(a text of 5 characters)" },
    accepted,
  ]);
});
