/** Links between the pages lead to files and headings that exist. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Page, pages, ROOT } from "./pages";

/** `[text](target)` and `src="target"`, without addresses of other sites. */
const LINK = /(?:\]\(|src(?:set)?=")(?![a-z]+:)([^)"\s]+)/g;

/** As GitHub makes an anchor of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function broken({ file, text }: Page): string[] {
  const prose = text.replace(/^```.*?^```/gms, "");
  return [...prose.matchAll(LINK)].flatMap(([, target = ""]) => {
    const [path = "", heading] = target.split("#");
    const page = path ? join(ROOT, dirname(file), path) : join(ROOT, file);
    if (!existsSync(page)) return [`${file}: ${target} is no file`];
    if (heading === undefined) return [];
    const headings = [...readFileSync(page, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      anchor(title),
    );
    return headings.includes(heading) ? [] : [`${file}: ${target} is no heading`];
  });
}

test("every link leads to a file and a heading that exist", () => {
  expect(pages().flatMap(broken)).toEqual([]);
});

test.each([
  ["[a](docs/recovery.md#no-such-heading)", ["x.md: docs/recovery.md#no-such-heading is no heading"]],
  ["[a](docs/absent.md)", ["x.md: docs/absent.md is no file"]],
  ["[a](https://example.com/x)", []],
])("%p: %p", (text, found) => {
  expect(broken({ file: "x.md", text })).toEqual(found);
});
