// One forbidden import of each kind is found; what is allowed is not; the tree itself keeps to its layers.

import { evaluate } from "./node-process";

type Files = Record<string, string>;
type Exception = { rule: string; from: string; to: string };

/** What the check says of each case. */
async function problemsOf(cases: { files: Files; exceptions?: Exception[] }[]): Promise<string[][]> {
  const { ended } = evaluate(`
    const { layerProblems } = await tools("check-layers.mjs");
    const cases = ${JSON.stringify(cases)};
    const found = cases.map(({ files, exceptions = [] }) => layerProblems(new Map(Object.entries(files)), exceptions));
    console.log(JSON.stringify(found));`);
  const { stdout, stderr } = await ended;
  if (stderr !== "") throw new Error(stderr);
  return JSON.parse(stdout) as string[][];
}

/** [importing file, imported file or package, the rule's words] */
const FORBIDDEN: [string, string, string][] = [
  ["provider/http/api.ts", "provider/resource/failure.ts", "http imports nothing but http"],
  ["provider/http/api.ts", "provider/settings/places.ts", "http imports nothing but http"],
  ["provider/http/api.ts", "provider/version.ts", "http imports nothing but http"],
  ["provider/http/http-client.ts", "axios", "axios is used in one place"],
  ["provider/tutum/client/errors.ts", "axios", "axios is used in one place"],
  ["provider/settings/places.ts", "provider/resource/failure.ts", "settings import nothing but http"],
  ["provider/settings/places.ts", "provider/tutum/accounts.ts", "settings import nothing but http"],
  [
    "provider/resource/table/check.ts",
    "provider/tutum/fields.ts",
    "resource imports no cloud, only http and settings",
  ],
  [
    "provider/resource/table/check.ts",
    "provider/report/report.ts",
    "resource imports no cloud, only http and settings",
  ],
  ...["resource/table/check", "resource/lifecycle/poller", "tutum/lifecycle/create"].flatMap(file =>
    [
      "@pulumi/pulumi",
      "provider/resource/dynamic/host/host.ts",
      "provider/resource/program/camel-case.ts",
    ].map((target): [string, string, string] => [
      `provider/${file}.ts`,
      target,
      "lifecycle and resource know neither the program's side nor the host",
    ]),
  ),
  ["provider/ovh/domain.ts", "provider/tutum/client/types.ts", "a cloud imports no other cloud"],
  ["provider/tutum/links.ts", "provider/linode/instance.ts", "a cloud imports no other cloud"],
  ["provider/tutum/client/find.ts", "provider/resource/table/schema.ts", "a client works without Pulumi"],
  ["provider/linode/client/find.ts", "@pulumi/pulumi", "a client works without Pulumi"],
  ["provider/tutum/client/find.ts", "provider/tutum/fields.ts", "a client works without Pulumi"],
  ...["report", "pull-request", "testing", "commands"].flatMap(folder =>
    [
      "provider/tutum/fields.ts",
      "provider/ovh/report.ts",
      "provider/kinds.ts",
      "provider/report.ts",
      "provider/testing.ts",
      "provider/index.ts",
    ].map((target): [string, string, string] => [
      `provider/${folder}/a.ts`,
      target,
      "report, pull-request, testing and commands import no cloud",
    ]),
  ),
  ...["index", "tutum/application", "resource/kind", "commands/report"].map(
    (file): [string, string, string] => [
      `provider/${file}.ts`,
      "provider/kinds.ts",
      "only what hands the kinds on imports them",
    ],
  ),
  ["provider/testing/a.ts", "server/start-server.ts", "the provider does not import the server"],
  ["server/host/http/app.ts", "server/apis/tutum/routes/a.ts", "the server's host imports no API"],
  ["server/host/http/app.ts", "server/start-server.ts", "the server's host imports no API"],
  ["server/apis/ovh/model/a.ts", "server/apis/tutum/model/a.ts", "an API of the server imports no other API"],
  ...["model", "operations"].flatMap(folder =>
    [
      "server/host/http/json-body.ts",
      "server/host/control/a.ts",
      "server/apis/tutum/routes/a.ts",
      "fastify",
      "node:http",
    ].map((target): [string, string, string] => [
      `server/apis/tutum/${folder}/a.ts`,
      target,
      "model and operations import no HTTP",
    ]),
  ),
  [
    "server/apis/tutum/model/a.ts",
    "provider/tutum/client/types.ts",
    "the server imports of the provider only the wire types of a client, as types",
  ],
  [
    "server/apis/tutum/model/a.ts",
    "provider/tutum/fields.ts",
    "the server imports of the provider only the wire types of a client, as types",
  ],
];

const ALLOWED: [string, string][] = [
  ["provider/http/axios-transport.ts", "axios"],
  ["provider/settings/places.ts", "provider/http/clock.ts"],
  ["provider/resource/table/check.ts", "provider/http/clock.ts"],
  ["provider/tutum/lifecycle/index.ts", "provider/resource/dynamic/dynamic-provider.ts"],
  ["provider/resource/program/managed-resource.ts", "@pulumi/pulumi"],
  ["provider/tutum/fields.ts", "provider/tutum/client/types.ts"],
  ["provider/tutum/client/find.ts", "provider/settings/places.ts"],
  ["provider/tutum/report/kind.ts", "provider/report/kind.ts"],
  ["provider/report/a.ts", "provider/resource/table/field.ts"],
  ["provider/commands/a.ts", "provider/report/a.ts"],
  ["provider/tutum/testing/kind.ts", "provider/testing/kind.ts"],
  ["provider/tutum/commands/convert.ts", "provider/commands/command.ts"],
  ["provider/cli.ts", "provider/kinds.ts"],
  ["provider/report.ts", "provider/kinds.ts"],
  ["provider/testing.ts", "provider/kinds.ts"],
  ["provider/kinds.ts", "provider/tutum/fields.ts"],
  ["server/apis/tutum/routes/a.ts", "server/host/http/a.ts"],
  ["server/apis/tutum/operations/a.ts", "server/host/storage/storage.ts"],
  ["server/open-server.ts", "server/apis/tutum/api.ts"],
];

function pair(from: string, to: string, statement = "import { x } from"): Files {
  const isFile = /^(provider|server)\//.test(to);
  const up = "../".repeat(from.split("/").length - 1);
  const specifier = isFile ? `${up}${to.replace(/\.ts$/, "")}` : to;
  return { [from]: `${statement} "${specifier}";\n`, ...(isFile && { [to]: "" }) };
}

test("a forbidden import of each kind names the file, what it imports, and the rule", async () => {
  const found = await problemsOf(FORBIDDEN.map(([from, to]) => ({ files: pair(from, to) })));
  expect(found).toEqual(
    FORBIDDEN.map(([from, to, rule]) => expect.arrayContaining([`${from} imports ${to}: ${rule}.`])),
  );
});

test("an allowed import of each kind is none", async () => {
  const found = await problemsOf(ALLOWED.map(([from, to]) => ({ files: pair(from, to) })));
  expect(found).toEqual(ALLOWED.map(() => []));
});

test("an import counts however it is written, types included", async () => {
  const statements = [
    'import "FILE";',
    'import type { X } from "FILE";',
    'import { type X } from "FILE";',
    'import * as x from "FILE";',
    'export { x } from "FILE";',
    'export type { X } from "FILE";',
    'export * from "FILE";',
    'import x = require("FILE");',
    'const x = () => require("FILE");',
    'const x = () => require.resolve("FILE");',
    'const x = () => import("FILE");',
    'type X = typeof import("FILE");',
    "const x = () => import(`FILE`);",
  ];
  const found = await problemsOf(
    statements.map(statement => ({
      files: {
        "provider/http/a.ts": statement.replace("FILE", "../tutum/fields"),
        "provider/tutum/fields.ts": "",
      },
    })),
  );
  expect(found.map(([problem]) => problem)).toEqual(
    statements.map(
      () => "provider/http/a.ts imports provider/tutum/fields.ts: http imports nothing but http.",
    ),
  );
});

test("the wire types of a client may be imported by the server, as types", async () => {
  const [from, to] = ["server/apis/tutum/model/a.ts", "provider/tutum/client/types.ts"];
  const statements = ["import type { X } from", "import { type X } from", "export type { X } from"];
  expect(await problemsOf(statements.map(statement => ({ files: pair(from, to, statement) })))).toEqual([
    [],
    [],
    [],
  ]);
});

test("a circle is told once, from file to file, also one of types and one through an index", async () => {
  const type = (specifier: string) => `import type { X } from "${specifier}";`;
  const circle = "no circle of imports, types included";
  const found = await problemsOf([
    {
      files: {
        "provider/http/a.ts": 'import "./b";',
        "provider/http/b.ts": type("./c"),
        "provider/http/c.ts": type("./a"),
      },
    },
    {
      files: {
        "provider/tutum/a.ts": type("./stack-file"),
        "provider/tutum/stack-file/index.ts": type("./b"),
        "provider/tutum/stack-file/b.ts": type("../a"),
      },
    },
    {
      files: {
        "provider/http/a.ts": type("./b"),
        "provider/http/b.ts": type("./c"),
        "provider/http/c.ts": "",
      },
    },
  ]);
  expect(found).toEqual([
    [`provider/http/a.ts -> provider/http/b.ts -> provider/http/c.ts -> provider/http/a.ts: ${circle}.`],
    [
      `provider/tutum/a.ts -> provider/tutum/stack-file/index.ts -> provider/tutum/stack-file/b.ts -> provider/tutum/a.ts: ${circle}.`,
    ],
    [],
  ]);
});

test("a listed exception lets one file's import pass, and is an error once nothing needs it", async () => {
  const rule = "report, pull-request, testing and commands import no cloud";
  const files = pair("provider/report/a.ts", "provider/tutum/fields.ts");
  const exception = { rule, from: "provider/report/a.ts", to: "provider/tutum/" };
  const circle = { "provider/http/a.ts": 'import "./b";', "provider/http/b.ts": 'import "./a";' };
  const closing = {
    rule: "no circle of imports, types included",
    from: "provider/http/b.ts",
    to: "provider/http/a.ts",
  };
  const found = await problemsOf([
    { files, exceptions: [exception] },
    { files, exceptions: [{ ...exception, from: "provider/report/b.ts" }] },
    { files: { "provider/report/a.ts": "" }, exceptions: [exception] },
    { files: circle, exceptions: [closing] },
    { files: { ...circle, "provider/http/a.ts": "" }, exceptions: [closing] },
  ]);
  expect(found).toEqual([
    [],
    [
      `provider/report/a.ts imports provider/tutum/fields.ts: ${rule}.`,
      expect.stringContaining(
        "provider/report/b.ts no longer imports provider/tutum/: remove this exception",
      ),
    ],
    [
      expect.stringContaining(
        "provider/report/a.ts no longer imports provider/tutum/: remove this exception",
      ),
    ],
    [],
    [expect.stringContaining("provider/http/b.ts no longer imports provider/http/a.ts")],
  ]);
});

test("a new folder needs a layer", async () => {
  const [problems] = await problemsOf([{ files: { "provider/helpers/text.ts": "", "server/text.ts": "" } }]);
  expect(problems).toEqual([
    expect.stringMatching(/^provider\/helpers\/text\.ts: no layer has this file/),
    expect.stringMatching(/^server\/text\.ts: no layer has this file/),
  ]);
});

test("the tree keeps to its layers, but for the exceptions that are listed", async () => {
  const { ended } = evaluate(`
    const { layerProblems, sources } = await tools("check-layers.mjs");
    console.log(layerProblems(sources()).join("\\n"));`);
  expect(await ended).toEqual({ code: 0, stdout: "\n", stderr: "" });
});
