/** Requests to the API with random bytes and shapes in every field, parameter, path and header. */
import fc from "fast-check";
import type { InjectOptions } from "fastify";
import type { InjectedServer } from "../server/inject";

const AUTHORIZATION = "ApiKey admin:secret-key";
const FIELDS = [
  "image",
  "image_tag",
  "name",
  "target_num_containers",
  "container_size",
  "run_command",
  "entrypoint",
  "container_ports",
  "container_envvars",
  "linked_to_application",
  "autorestart",
  "autoreplace",
  "autodestroy",
  "roles",
  "web_public_dns",
  "sequential_deployment",
  "tag",
  "protocol",
  "inner_port",
  "outer_port",
  "key",
  "value",
  "to_application",
];
const PARAMETERS = [
  "limit",
  "offset",
  "name",
  "uuid",
  "uuid__startswith",
  "unique_name",
  "state",
  "application__name",
  "application__uuid",
  "application__uuid__startswith",
  "application__unique_name",
  "application__state",
  "username",
  "api_key",
  "tail",
  "constructor",
  "hasOwnProperty",
];
const HEADERS = [
  "accept",
  "authorization",
  "content-type",
  "content-length",
  "cookie",
  "expect",
  "host",
  "idempotency-key",
  "if-match",
  "origin",
  "range",
  "sec-fetch-site",
  "transfer-encoding",
  "user-agent",
  "x-forwarded-for",
];
const METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD"];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "",
      " ",
      "0",
      "-1",
      "1e999",
      "NaN",
      "null",
      "undefined",
      "true",
      "[]",
      "{}",
      "..",
      "../..",
      "%",
      "%00",
      "%2e%2e%2f",
      "\u0000",
      "\ud800",
      "\ufeff",
      "\r\n",
      "__proto__",
      "constructor",
      "toString",
      "tutum/hello-world",
      "tutum/exits:3",
      "tutum/start-fails",
      "a:b:c",
      "registry:5000/a/b:tag",
      "web",
      "web-1",
      "global",
      "OFF",
      "ALWAYS",
      "ON_FAILURE",
      "XS",
      "tcp",
      "udp",
      "a.example.com",
      "Running",
      "Partly running",
      "9".repeat(400),
      "a".repeat(300),
      `/api/v1/application/${"a".repeat(36)}/`,
    ),
  },
);
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.integer({ min: -2, max: 120 }),
  fc.constantFrom(80, 3306, 65535, 65536),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.letrec(tie => ({
  any: fc.oneof(
    { weight: 6, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("any"), { maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), text), tie("any"), { maxKeys: 4 }),
    },
  ),
})).any;
const port = fc.record({ inner_port: scalar, protocol: scalar }, { requiredKeys: [] });
const envvar = fc.record({ key: scalar, value: scalar }, { requiredKeys: [] });
/** An application's or container's URI is put in when the request is sent. */
const REFERENCE = "@uuid";
const link = fc.oneof(
  fc.constant(REFERENCE),
  fc.record({ to_application: fc.oneof(fc.constant(REFERENCE), scalar), name: scalar }, { requiredKeys: [] }),
);
const body = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record(
        {
          image: fc.oneof(
            { weight: 3, arbitrary: fc.constant("tutum/hello-world") },
            { weight: 1, arbitrary: value },
          ),
          container_ports: fc.oneof(value, fc.array(port, { maxLength: 4 })),
          container_envvars: fc.oneof(value, fc.array(envvar, { maxLength: 4 })),
          linked_to_application: fc.oneof(value, fc.array(link, { maxLength: 4 })),
          roles: fc.oneof(value, fc.constant(["global"])),
        },
        { requiredKeys: [] },
      )
      .chain(fixed =>
        fc
          .dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 3 })
          .map(random => JSON.stringify({ ...random, ...fixed })),
      ),
  },
  { weight: 2, arbitrary: value.map(any => JSON.stringify(any) ?? "") },
  { weight: 1, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes).toString("latin1")),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3_000 }).map(depth => `${"[".repeat(depth)}${"]".repeat(depth)}`),
  },
);

export interface RandomRequest {
  method: string;
  root: string;
  /** Which of those that exist, or what instead. */
  id: number | string;
  rest: string;
  query: [string, string][];
  body: string | undefined;
  headers: [string, string][];
}

export const randomRequest: fc.Arbitrary<RandomRequest> = fc.record({
  method: fc.constantFrom("GET", "GET", "POST", "POST", "POST", "PATCH", "PATCH", "DELETE", ...METHODS),
  root: fc.constantFrom(
    ...[
      "application",
      "application",
      "application",
      "container",
      "container",
      "image",
      "role",
      "auth",
      "register",
    ],
    ...["nothing", ""],
  ),
  id: fc.oneof(
    { weight: 5, arbitrary: fc.nat(1_000) },
    { weight: 3, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: text },
  ),
  rest: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("", "", "start/", "stop/", "redeploy/", "logs/", "tag/latest/") },
    { weight: 1, arbitrary: text },
  ),
  query: fc.oneof(
    { weight: 2, arbitrary: fc.constant<[string, string][]>([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(fc.oneof(fc.constantFrom(...PARAMETERS), text), text), { maxLength: 3 }),
    },
  ),
  body: fc.option(body, { nil: undefined, freq: 4 }),
  headers: fc.oneof(
    { weight: 4, arbitrary: fc.constant<[string, string][]>([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(fc.constantFrom(...HEADERS), text), { maxLength: 3 }) },
  ),
});

let addresses = 0;

/** `uuids`: where applications and containers of every state are. */
export function send(server: InjectedServer, uuids: Record<string, string[]>, one: RandomRequest) {
  const pick = (root: string, index: number) => {
    const known = uuids[root] ?? [];
    return known[index % Math.max(known.length, 1)] ?? "none";
  };
  const id = typeof one.id === "number" ? `${pick(one.root, one.id)}/` : one.id && `${one.id}/`;
  const query = one.query.map(pair => pair.map(encode).join("=")).join("&");
  const url = `/api/v1/${one.root ? `${one.root}/` : ""}${encodePath(id)}${encodePath(one.rest)}${query && `?${query}`}`;
  const headers: Record<string, string> = {
    host: "localhost",
    authorization: AUTHORIZATION,
    ...(one.body === undefined ? {} : { "content-type": "application/json" }),
  };
  // What Node itself would never let through.
  for (const [name, given] of one.headers) headers[name] = given.replace(/[^\t\x20-\x7e\x80-\xff]/g, "");
  const payload = one.body?.replaceAll(REFERENCE, pick("application", one.body.length));
  // From many places: one with wrong credentials has to wait, and would keep the others waiting.
  const remoteAddress = `10.${headers.authorization === AUTHORIZATION ? 0 : 1 + (addresses++ % 250)}.0.1`;
  return server.app.inject({ method: one.method, url, headers, payload, remoteAddress } as InjectOptions);
}

/** Anything that can be in a URL on the wire; what cannot be there is escaped, as it comes, or cut. */
function encodePath(path: string): string {
  return path.replace(/[^!-~]|[#?]/gu, character => encode(character));
}

function encode(part: string): string {
  return encodeURIComponent(Buffer.from(part).toString());
}
