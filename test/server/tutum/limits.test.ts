/** The limits that server/README.md names: what is as much as may be is taken, one more is refused. */
import { type ErrorBody, startTestServer } from "../harness";

const ROOT = "/api/v1/application/";
const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));

test.each<[what: string, field: string, most: unknown, more: unknown]>([
  ["100 containers", "target_num_containers", 100, 101],
  [
    "100 ports",
    "container_ports",
    many(100, n => ({ inner_port: n + 1 })),
    many(101, n => ({ inner_port: n + 1 })),
  ],
  [
    "1,000 variables",
    "container_envvars",
    many(1_000, n => ({ key: `V${n}`, value: "" })),
    many(1_001, n => ({ key: `V${n}`, value: "" })),
  ],
  [
    "variables of 32 kB",
    "container_envvars",
    [{ key: "A", value: "x".repeat(32_768) }],
    [{ key: "A", value: "x".repeat(32_769) }],
  ],
  ["commands of 32 kB", "run_command", "x".repeat(32_768), "x".repeat(32_769)],
  ["commands of 32 kB", "entrypoint", "x".repeat(32_768), "x".repeat(32_769)],
  [
    "100 links",
    "linked_to_application",
    many(100, n => ({ to_application: "@", name: `a${n}` })),
    many(101, n => ({ to_application: "@", name: `a${n}` })),
  ],
])("an application has at most %s (%s)", async (_what, field, most, more) => {
  const server = await startTestServer();
  const { uuid } = await server.create({ image: "tutum/mysql" });
  const create = (value: unknown) =>
    server.call<ErrorBody>(
      "POST",
      ROOT,
      JSON.stringify({ image: "a/b", [field]: value }).replaceAll('"@"', JSON.stringify(uuid)),
    );
  expect((await create(most)).status).toBe(202);
  const refused = await create(more);
  expect([refused.status, Object.keys(refused.body.application)]).toEqual([400, [field]]);
});
