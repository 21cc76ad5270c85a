/** The exact reports on recorded previews. `npm run record:reports` writes them anew; then read the difference. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RenderOptions, type Report, readPreviews, render, reportOf } from "../../provider/report";
import { previews, RECORDINGS, recordedReport, recording, renamed } from "./recorded";

const REPORTS = join(__dirname, "reports");
const REWRITE = process.env.REWRITE_REPORTS === "1";

const thirtyStacks = () =>
  reportOf(
    Array.from({ length: 30 }, (_, n) => {
      const kind = n % 10 === 3 ? "replaced-database" : n % 10 === 7 ? "scale" : "no-change";
      return renamed(kind, `team-${String(n).padStart(2, "0")}`);
    }).flat(),
  );

const EXPECTED: Record<string, () => string> = {};
const expected = (file: string, report: () => Report, options: RenderOptions = {}) => {
  EXPECTED[file] = () => render(report(), options);
};
for (const name of RECORDINGS) expected(`${name}.md`, () => recordedReport(name));
for (const name of ["create", "replaced-database", "specials", "drift"]) {
  expected(`${name}.html`, () => recordedReport(name), { format: "html" });
  expected(`${name}.json`, () => recordedReport(name), { format: "json" });
  expected(`${name}.txt`, () => recordedReport(name), { format: "text" });
}
expected("replaced-database.coloured.txt", () => recordedReport("replaced-database"), {
  format: "text",
  colour: true,
});
for (const host of ["gitlab", "bitbucket", "gitea", "azure"] as const)
  expected(`specials.${host}.md`, () => recordedReport("specials"), { host });
expected("several-stacks.md", () => reportOf(previews("staging", "scale", "failing-check")));
expected("30-stacks.md", thirtyStacks);
expected("30-stacks.within-3000.md", thirtyStacks, { maxChars: 3_000 });
expected("200-applications.within-5000.md", () => recordedReport("200-applications"), { maxChars: 5_000 });
expected("200-applications.gitlab.md", () => recordedReport("200-applications"), { host: "gitlab" });
expected("create.declares.md", () => recordedReport("create"), { declares: true });

describe("reports on recorded previews", () => {
  test.each(Object.keys(EXPECTED))("%s is as committed", file => {
    const text = EXPECTED[file]?.() ?? "";
    if (REWRITE) writeFileSync(join(REPORTS, file), text);
    expect(text).toBe(readFileSync(join(REPORTS, file), "utf8"));
  });

  test("nothing else lies among the committed ones", () => {
    expect(readdirSync(REPORTS).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  const twice = RECORDINGS.filter(
    name => !["200-applications", "streamed", "link-aliases", "targeted"].includes(name),
  );
  test.each(twice)("%s says the same as a digest and as events", name => {
    const digest = JSON.parse(render(recordedReport(name), { format: "json" }));
    const events = readPreviews(recording(name, ".events.jsonl"), "events");
    const streamed = JSON.parse(render(reportOf(events), { format: "json" }));
    // A digest leaves unchanged applications out, so it may know fewer unchanged links.
    for (const { stacks } of [digest, streamed])
      for (const stack of stacks)
        stack.links = stack.links.filter((link: { mark: string }) => link.mark !== "same");
    expect(streamed).toEqual(digest);
  });

  test("a preview of a part says so: events name what stays linked to what goes, a digest what was not looked at", () => {
    const events = readPreviews(recording("targeted", ".events.jsonl"), "events");
    const told = render(reportOf(events), { format: "text" });
    expect(told).toContain(
      "Warning, web: stays linked to db, of which the present one is deleted: this preview is of a part of the stack",
    );
    // And nothing says that they follow.
    expect(told).not.toMatch(/link recreated|Links rebuilt/);
    expect(told).toMatch(/- web is linked to db \(replace\)$/m);
    const digest = render(recordedReport("targeted"), { format: "text" });
    expect(digest).toContain("Not looked at: the links of 1 unchanged resource");
    expect(digest).not.toContain("Nothing is down");
  });

  test("a streamed preview is read as its events", () => {
    const report = render(recordedReport("streamed"), { format: "text" });
    expect(report).toBe(render(recordedReport("scale"), { format: "text" }));
  });

  test("no canary is in any of them, nor the text that makes a dynamic provider", () => {
    for (const file of Object.keys(EXPECTED)) {
      const text = EXPECTED[file]?.() ?? "";
      expect(text).not.toContain("canary");
      expect(text).not.toContain("__provider");
      expect(text).not.toContain("exports.handler");
    }
  });
});
