// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how stack files write variables.
import fc from "fast-check";
import { stringify } from "yaml";
import { ApplicationStack } from "../../../provider/index";
import { keepVariables } from "../../../provider/tutum/stack-file/keep-variables";
import { readServices } from "../../../provider/tutum/stack-file/read-services";
import { stackOf } from "../../../provider/tutum/stack-file/read-stack-file";
import { programOf } from "../../../provider/tutum/stack-file/write-typescript";
import { declaredBy, run } from "./declared";

/** Values of variables: what shells, YAML, templates and programs each take for something special. */
const VARIABLES = { A: "plain", B: 'it\'s `a` ${b} \\ "c"', C: "", D: "two words", DB_TOKEN: "secret $x" };

const variable = fc.constantFrom(
  "${A}",
  "${B}",
  "${C:-fallback}",
  "${C-unused}",
  "${NONE:-${A} in `${D}`}",
  "${NONE-}",
  "${A:+with ${B}}",
  "${NONE+never}",
  "${B:?must be there}",
  "${DB_TOKEN}",
  "$$",
);
const literal = fc.string({ maxLength: 8, unit: "grapheme-ascii" }).map(text => text.replaceAll("$", "$$$$"));
const text = fc
  .array(fc.oneof(literal, variable), { minLength: 1, maxLength: 4 })
  .map(parts => parts.join(""));
const command = fc.oneof(
  text.filter(words => words !== ""),
  fc.array(text, { minLength: 1, maxLength: 3 }),
);
/** None with a default: that of a secret is not written into the program. */
const SECRETS = [
  "written $$x",
  "${A}",
  "${DB_TOKEN}",
  "x-${B}${C:-y}",
  "${A:+with ${B}}",
  "${NONE-}",
] as const;
const policy = fc.constantFrom("off", "on_failure", "always");
const NAMES = ["db", "web", "worker-2"] as const;

const service = (earlier: readonly string[]) =>
  fc.record(
    {
      image: fc.constantFrom("tutum/mysql", "tutum/hello-world:${NONE:-1.0}", "r.example.com:5000/a/b:${A}"),
      environment: fc.oneof(
        fc
          .tuple(
            fc.dictionary(fc.constantFrom("MODE", "URL", "E"), text),
            fc.subarray([...SECRETS], { maxLength: 1 }),
          )
          .map(([variables, [secret]]) => ({
            ...variables,
            ...(secret !== undefined && { DB_PASS: secret }),
          })),
        fc.uniqueArray(fc.constantFrom("A", "B=${A}", "KEY=a=b", "D")),
      ),
      target_num_containers: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant("${NONE:-3}")),
      command,
      entrypoint: command,
      ports: fc.uniqueArray(fc.constantFrom("81:443", "53/udp", "3000-3002")).map(ports => ["80", ...ports]),
      links: fc.subarray(earlier.flatMap(name => (name === "db" ? [`${name}:store`] : [name]))),
      depends_on: fc.subarray([...earlier]),
      autorestart: policy,
      autodestroy: policy,
      roles: fc.constant(["global"]),
      "x-tutum": fc.record(
        {
          size: fc.constantFrom("XS", "M"),
          autoreplace: policy,
          running: fc.boolean(),
          webPublicDns: fc.constantFrom("a.example.com", "${A}.example.com"),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ["image"] },
  );

const file = fc
  .record({
    db: service([]),
    web: service(["db"]),
    "worker-2": service(["db", "web"]),
    compose: fc.boolean(),
  })
  .map(({ compose, ...services }) => stringify(compose ? { services } : services));

describe.each(["environment", "config"] as const)("with variables from the %s", variables => {
  const environment = process.env;
  beforeAll(() => {
    process.env = { ...environment, ...VARIABLES };
  });
  afterAll(() => {
    process.env = environment;
  });

  test("convert declares what fromFile declares, whatever the file says", async () => {
    await fc.assert(
      fc.asyncProperty(file, async yaml => {
        const options = { file: "tutum.yml", readText: () => undefined };
        const { applications } = stackOf(yaml, { ...options, env: VARIABLES });
        const symbols = readServices(yaml, {
          ...options,
          env: VARIABLES,
          acceptedBy: "--unsupported warn",
          evaluation: keepVariables,
        }).applications;
        const { text: program, secrets } = programOf(symbols, { name: "shop", variables });
        // A secret written out in the file is one of the configuration in the program.
        const written = Object.fromEntries(
          secrets.map(key => [key, literalOf(symbols, key) ?? VARIABLES[key as "DB_TOKEN"]]),
        );
        const fromFile = await declaredBy(() => new ApplicationStack("shop", { applications }));
        expect(Object.keys(fromFile).sort()).toEqual(NAMES.map(name => `shop-${name}`));
        expect(await declaredBy(() => run(program), { ...VARIABLES, ...written })).toEqual(fromFile);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

function literalOf(symbols: Record<string, Record<string, unknown>>, key: string): string | undefined {
  const [, service = "", name = ""] = /^([^_]+)_(.*)$/.exec(key) ?? [];
  const variables = symbols[service]?.containerEnvvars as Record<string, { parts: string[] }> | undefined;
  return variables?.[name]?.parts.join("");
}
