import { lastLines } from "../../../server/apis/tutum/operations/logs";

test("logs that are short are whole, each line with its prefix", () => {
  expect(lastLines("a\nb", "[web-1] ", 100)).toBe("[web-1] a\n[web-1] b");
  expect(lastLines("a\n", "", 100)).toBe("a\n");
});

test.each([
  ["many lines", "line\n".repeat(10_000)],
  ["many empty lines", "\n".repeat(50_000)],
  ["one line without end", "x".repeat(50_000)],
])("of %s the last are kept, with a mark of what is left out", (_what, text) => {
  for (const prefix of ["", "[web-1] "]) {
    const kept = lastLines(text, prefix, 1_000);
    const [mark = "", ...lines] = kept.split("\n");
    const leftOut = Number(/the first (\d+) characters are left out/.exec(mark)?.[1]);
    expect(mark.startsWith(`${prefix}[the first `)).toBe(true);
    expect(kept.length).toBeLessThan(1_100);
    const end = lines.map(line => line.slice(prefix.length)).join("\n");
    expect([end.length > 50, text.endsWith(end), Math.abs(text.length - end.length - leftOut) <= 1]).toEqual([
      true,
      true,
      true,
    ]);
  }
});
