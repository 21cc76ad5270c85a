// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how stack files write variables.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ts from "typescript";
import { ApplicationStack } from "../../../provider/index";
import { convert } from "../../../provider/tutum/commands/convert";
import { readStackFile, StackFileError } from "../../../provider/tutum/stack-file";
import { programOf } from "../../../provider/tutum/stack-file/write-typescript";
import { CASES, cases, ENVIRONMENT, expectFile } from "./cases";
import { converted, terminal } from "./command";
import { declaredBy, run } from "./declared";

/** What the file says where the program has a key of the configuration. */
const CONFIG = {
  web_PASSWORD: "my_password",
  redis_REDIS_PASS: "password",
  web_API_TOKEN: "abc",
  web_FROM_FILE: "with spaces and $DOLLAR",
  MODE: ENVIRONMENT.MODE,
  HOST: ENVIRONMENT.HOST,
  EMPTY: "",
  DB_PASSWORD: ENVIRONMENT.DB_PASSWORD,
  REDIS_PASSWORD: ENVIRONMENT.REDIS_PASSWORD,
  db_POSTGRES_PASSWORD: "canary-2",
  api_BROKER_DSN: "amqp://guest:guest@mq//",
};

const right = cases().filter(name => {
  try {
    readStackFile(join(CASES, name), { env: ENVIRONMENT });
    return true;
  } catch (error) {
    if (error instanceof StackFileError) return false;
    throw error;
  }
});

describe("convert", () => {
  const environment = process.env;
  beforeAll(() => {
    process.env = { ...environment, ...ENVIRONMENT };
  });
  afterAll(() => {
    process.env = environment;
  });

  describe.each(["environment", "config"])("with variables from the %s", variables => {
    test.each(right)("%s becomes the program beside it, which declares what fromFile does", async name => {
      const stack = name.replace(".yml", "");
      const args = ["--name", stack, "--variables", variables, join(CASES, name)];
      const { text, said } = await converted(args, ENVIRONMENT);
      expectFile(name.replace(/yml$/, `${variables}.ts.txt`), text);
      for (const [key, value] of Object.entries(CONFIG)) {
        if (value.length > 4 && !["MODE", "HOST"].includes(key)) expect(text + said).not.toContain(value);
      }
      const { applications } = readStackFile(join(CASES, name), { env: ENVIRONMENT });
      const fromFile = await declaredBy(() => new ApplicationStack(stack, { applications }));
      expect(Object.keys(fromFile)).toHaveLength(Object.keys(applications).length);
      expect(await declaredBy(() => run(text), CONFIG)).toEqual(fromFile);
    });
  });

  test("its programs compile under strict", async () => {
    const folder = mkdtempSync(join(__dirname, "../../../.programs-"));
    try {
      const files: string[] = [];
      for (const variables of ["environment", "config"]) {
        for (const name of right) {
          const { text } = await converted(["--variables", variables, join(CASES, name)], ENVIRONMENT);
          files.push(join(folder, name.replace(/yml$/, `${variables}.ts`)));
          writeFileSync(files.at(-1) as string, text);
        }
      }
      const program = ts.createProgram(files, {
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: ["node"],
      });
      const diagnostics = ts.getPreEmitDiagnostics(program);
      expect(diagnostics.map(each => ts.flattenDiagnosticMessageText(each.messageText, "\n"))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  test("no reserved word of TypeScript, and no name that the program uses, is the name of its constant", () => {
    const words = Object.values(ts.SyntaxKind).filter(
      (kind): kind is ts.SyntaxKind =>
        typeof kind === "number" &&
        kind >= ts.SyntaxKind.FirstReservedWord &&
        kind <= ts.SyntaxKind.LastFutureReservedWord,
    );
    const names = [
      ...words.map(kind => ts.tokenToString(kind) ?? ""),
      "await",
      "arguments",
      "eval",
      "config",
    ];
    expect(names).toContain("class");
    for (const name of names) {
      const { text } = programOf({}, { name, variables: "environment" });
      expect(text).toContain(`const stack = new ApplicationStack("${name}", {`);
    }
  });

  test("writes to --output, under --name, and says which secrets to set and what is ignored", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-convert-"));
    try {
      const output = join(folder, "index.ts");
      const file = join(CASES, "tutum-sample.yml");
      const { text, said } = await converted([file, "--output", output, "--name", "my-shop"], {});
      expect(text).toBe("");
      expect(readFileSync(output, "utf8")).toContain('const myShop = new ApplicationStack("my-shop", {');
      expect(said).toContain(`${file}:6:7: warning: lb.ports[0] asks for "80" on the host`);
      expect(said).toContain("pulumi config set --secret redis_REDIS_PASS");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a variable that the stack's shape depends on is written as it is now, with a warning", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-convert-"));
    try {
      const file = join(folder, "tutum.yml");
      writeFileSync(file, "web:\n  image: a/b\n  ports: ['${PORT}']\n");
      const { text, said } = await converted([file], { PORT: "8080" });
      expect(text).toContain("innerPort: 8080");
      expect(said).toContain('web.ports[0] is written as "8080", its value in this environment.');
      await expect(converted([file], {})).rejects.toThrow("needs the variable PORT, which is not set");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("--unsupported warn writes what is left, error refuses what is ignored", async () => {
    const file = join(CASES, "tutum-unsupported.yml");
    const { text, said } = await converted([file, "--unsupported", "warn"], {});
    expect(text).toContain('web: {\n      image: "tutum/hello-world",\n    },');
    expect(said).toContain("warning: web.privileged is not supported");
    const ignored = join(CASES, "tutum-ignored.yml");
    await expect(converted([ignored, "--unsupported", "error"], {})).rejects.toThrow("web.tags is ignored");
  });

  test.each([
    [[], "Name one stack file."],
    [["a.yml", "b.yml"], "Name one stack file."],
    [["a.yml", "--variables", "x"], '--variables must be environment or config, not "x".'],
    [["a.yml", "--unsupported", "x"], '--unsupported must be warn or error, not "x".'],
    [["a.yml", "--unknown"], "--unknown"],
    [["/nowhere/a.yml"], "/nowhere/a.yml cannot be read"],
  ])("%j is refused", async (args, words) => {
    await expect(convert.run(args, terminal({}).terminal)).rejects.toThrow(words);
  });
});
