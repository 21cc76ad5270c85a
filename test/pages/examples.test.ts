/** Types are checked where people look, the editor and tsc, in the very settings of the examples; Pulumi leaves them out. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { parse } from "yaml";
import { ROOT } from "./pages";

const EXAMPLES = join(ROOT, "examples");
const programs = readdirSync(EXAMPLES, { encoding: "utf8", recursive: true })
  .filter(file => /(^|\/)Pulumi\.yaml$/.test(file) && !file.includes("node_modules"))
  .map(file => dirname(file));

test.each(programs)("examples/%s is checked by tsc, and not by each preview", example => {
  const folder = join(EXAMPLES, example);
  const { runtime } = parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")) as {
    runtime: { options: { tsconfig: string } };
  };
  const quick = join(folder, runtime.options.tsconfig);
  expect(settings(quick).options.noCheck).toBe(true);
  // Pulumi looks for it in that file itself.
  expect(JSON.parse(readFileSync(quick, "utf8"))).toMatchObject({ compilerOptions: { noCheck: true } });
  expect(settings(quick.replace(".pulumi", "")).options.noCheck).toBeUndefined();
});

test("a link to a name that is not there is shown where the program is written", () => {
  const folder = join(EXAMPLES, "environments");
  const { options, fileNames } = settings(join(folder, "tsconfig.json"));
  const host = ts.createCompilerHost(options);
  const { readFile } = host;
  host.readFile = file => {
    const text = readFile(file);
    return file.endsWith("environments/index.ts")
      ? text?.replace('{ application: "cache", name: "cache" }', '"cachee"')
      : text;
  };
  const program = ts.createProgram(fileNames, options, host);
  const found = fileNames.flatMap(file => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join()).toMatch(
    /"cachee"/,
  );
});

function settings(file: string) {
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, join(file, ".."));
}
