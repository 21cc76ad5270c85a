/** Neither package is on a registry: whoever takes a name there would be run, or installed, by whoever asks for it. */
import { filesOf, pages } from "./pages";

const RUN = /\b(npx|npm exec|npm x|pnpx|pnpm dlx|yarn dlx|bunx)((?: -\S+)*) (?:tutum-server|pulumi-tutum)\b/g;
const INSTALL =
  /\b(?:npm|pnpm|yarn|bun) (?:i|install|add|update|upgrade)(?: -\S+)* (?:tutum-server|pulumi-tutum)\b(?![/.-])/g;

const messages = filesOf(
  ["provider", "server", "tools", "examples", ".github"],
  ".ts",
  ".mjs",
  ".js",
  ".yml",
);

function asking({ file, text }: { file: string; text: string }): string[] {
  const runs = [...text.matchAll(RUN)].filter(([, , options = ""]) => !options.includes(" --no-install"));
  return [...runs, ...text.matchAll(INSTALL)].map(([found]) => `${file}: ${found}`);
}

test("no page, message or command asks a registry for the names of the two packages", () => {
  expect([...pages(), ...messages].flatMap(asking)).toEqual([]);
});

test("the pages that lead to a package say whose its name is", () => {
  const text = Object.fromEntries(pages().map(page => [page.file, page.text]));
  for (const page of ["README.md", "server/README.md"]) expect(text[page]).toContain("`--no-install`");
});

test.each([
  ["npx tutum-server start", true],
  ["npx -y pulumi-tutum report", true],
  ["x exec -- npx pulumi-tutum export", true],
  ["npm install --save-dev tutum-server", true],
  ["npx --no-install tutum-server exec -- npx --no-install pulumi-tutum export", false],
  ["npm install pulumi-tutum-0.1.0.tgz", false],
])("%p would ask: %p", (text, asks) => {
  expect(asking({ file: "x", text }).length > 0).toBe(asks);
});
