/** Every block of code on the pages is what it says: programs compile as written, the rest parses. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import ts from "typescript";
import { parse } from "yaml";
import { type Page, pages, ROOT } from "./pages";

interface Block {
  file: string;
  /** Of its first line, from 1. */
  line: number;
  language: string;
  text: string;
}

const blocks = pages().flatMap(blocksOf);
const of = (...languages: string[]) =>
  blocks
    .filter(({ language }) => languages.includes(language))
    .map(block => [`${block.file}:${block.line}`, block] as const);

/** Languages that have a reader of their own elsewhere: the software they configure, or GitHub. */
const ELSEWHERE = [
  "",
  "caddyfile",
  "diff",
  "dockerfile",
  "ini",
  "json",
  "mermaid",
  "nginx",
  "python",
  "sh",
  "ts",
  "yaml",
];

/** Jest finds a file whose ending is left out, in a test that imports a program. */
const NO_ENDING = 2835;

test("all blocks are in languages that are looked at here, or by who reads them", () => {
  expect(blocks.map(({ language }) => language).filter(language => !ELSEWHERE.includes(language))).toEqual(
    [],
  );
});

test("every program compiles as it is written; one without an import goes on from the block before", () => {
  const folder = join(ROOT, "examples/linked-apps");
  const written = new Map<string, Block>();
  let before: Block | undefined;
  for (const [, block] of of("ts")) {
    const goesOn = !/^import /m.test(block.text) && before?.file === block.file;
    const text: string = goesOn ? `${before?.text}\n${block.text}` : block.text;
    // A module is needed for what waits at its top.
    const ending = /^(for await|const .* = await)/m.test(text) ? "mts" : "ts";
    before = { ...block, text };
    written.set(join(folder, `block-${written.size}.${ending}`), before);
  }
  const options: ts.CompilerOptions = {
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, strict: true },
    ...{
      skipLibCheck: true,
      noEmit: true,
      types: ["node", "jest"],
      typeRoots: [join(ROOT, "node_modules/@types")],
    },
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = file => written.get(file)?.text ?? readFile(file);
  host.fileExists = file => written.has(file) || fileExists(file);
  const program = ts.createProgram([...written.keys()], options, host);
  const problems = [...written].flatMap(([file, { file: page, line }]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .filter(({ code }) => code !== NO_ENDING)
      .map(({ messageText }) => `${page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`),
  );
  expect(written.size).toBeGreaterThan(5);
  expect(problems).toEqual([]);
});

test.each(of("sh"))("%s is what a shell can read", (_, { text }) => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});

test.each(of("json", "yaml"))("%s is read as what it is", (_, { language, text }) => {
  expect(language === "json" ? JSON.parse(text) : parse(text)).toEqual(expect.anything());
});

function blocksOf({ file, text }: Page): Block[] {
  const found: Block[] = [];
  let open: Block | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (open && fence) {
      found.push(open);
      open = undefined;
    } else if (open) open.text += `${line}\n`;
    else if (fence) open = { file, line: index + 2, language: fence[1] ?? "", text: "" };
  }
  return found;
}
