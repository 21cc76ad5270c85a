/** Every option of both commands is on a page, and what a page says of them is an option. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pages, ROOT } from "./pages";

const COMMANDS = {
  "bin/pulumi-tutum.js": ["report", "post", "convert", "export", "ovh"],
  "server/bin/tutum-server.js": ["start", "exec", "status", "stop", "reset"],
};
const OPTION = /(?<![\w-])--[a-z][a-z-]*/g;
/** What every command has, and what npx is given before one. */
const EVERYWHERE = ["--help", "--version", "--no-install"];

const texts = pages().filter(({ file }) => !/(CHANGELOG|UPGRADING)\.md$/.test(file));

describe.each(Object.entries(COMMANDS))("%s", (file, commands) => {
  const helps = commands.map(command => {
    const { stdout } = spawnSync(process.execPath, [join(ROOT, file), command, "--help"], {
      encoding: "utf8",
    });
    return stdout;
  });
  const options = new Set(helps.flatMap(help => help.match(OPTION) ?? []));
  const name = file.replace(/.*\/(.*)\.js/, "$1");

  test("has no option that no page names", () => {
    expect(options.size).toBeGreaterThan(10);
    const named = new Set(texts.flatMap(({ text }) => text.match(OPTION) ?? []));
    expect([...options].filter(option => !EVERYWHERE.includes(option) && !named.has(option))).toEqual([]);
  });

  test("has all options that pages give it", () => {
    const given = texts.flatMap(page =>
      [...commandLines(page.text, name)].flatMap(line =>
        (line.match(OPTION) ?? []).map(option => `${page.file}: ${option}`),
      ),
    );
    expect(given.length).toBeGreaterThan(5);
    const unknown = given.filter(
      one => !options.has(one.split(": ")[1] ?? "") && !EVERYWHERE.some(each => one.endsWith(each)),
    );
    expect(unknown).toEqual([]);
  });
});

/** The arguments of a command, as far as they are its own. */
function* commandLines(text: string, name: string): Generator<string> {
  const joined = text.replace(/ \\\n/g, " ");
  const places = new RegExp(`(?<![/\\w-])${name} (?=[a-z]+ )([^\`\\n#|;&]*)`, "g");
  for (const [, line = ""] of joined.matchAll(places)) yield line.split(/ -- | --$/)[0] ?? "";
}
