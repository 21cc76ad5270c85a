/** The diagrams as Mermaid itself reads and draws them, in a headless browser. */

import { readPreviews, render, reportOf } from "../../provider/report";
import type { Graph } from "../../provider/report/graph";
import { HOSTS } from "../../provider/report/hosts";
import { mermaid } from "../../provider/report/mermaid";
import { CHROMIUM, documentAfter, mermaidScript } from "./chromium";
import { RECORDINGS, recordedReport } from "./recorded";

jest.setTimeout(120_000);
if (!CHROMIUM) process.stderr.write("skipped: diagrams read by Mermaid (chromium is not installed)\n");

const OPERATIONS = ["create", "update", "replace", "delete", "same"] as const;
const MARKS = ["same", "added", "removed", "moves"] as const;

/** A chain of this many applications, each linked to the next, with every operation and mark. */
const chain = (count: number, name: (n: number) => string): Graph => ({
  nodes: Array.from({ length: count }, (_, n) => ({
    ...{ key: `k${n}`, name: name(n), operation: OPERATIONS[n % 5] ?? "same" },
  })),
  edges: Array.from({ length: count - 1 }, (_, n) => ({
    ...{ from: `k${n}`, to: `k${n + 1}`, mark: MARKS[n % 4] ?? "same" },
  })),
});

const NASTY = [
  ...[
    "end",
    "default",
    "o",
    "x",
    "graph",
    "a-->b",
    '"]:::x',
    "`md`",
    "<b>|</b>",
    "%%{init: {}}%%",
    "#quot;",
    "$$x$$",
  ],
  ...[
    "a\nb",
    "\\n",
    "(((x",
    "{}",
    "@{ shape: x }",
    "é 日本 🚀",
    "",
    " ",
    "click n0 call x()",
    "A".repeat(500),
  ],
];

describe("diagrams", () => {
  test("20 applications stay below the 2,000 characters that GitLab draws without being asked", () => {
    const drawn = mermaid(chain(20, n => `application-${n}`));
    expect(drawn.length).toBeLessThan(HOSTS.gitlab.diagram.maxChars);
  });

  test("what is too large for a host is drawn without its unchanged part, else not at all", () => {
    const markdown = render(recordedReport("200-applications"), { host: "gitlab" });
    expect(markdown).not.toContain("```mermaid");
    expect(markdown).toContain("No diagram: it would be larger than is drawn here.");
    const type = "pulumi-nodejs:dynamic/tutum:Application";
    const steps = Array.from({ length: 60 }, (_, n) => {
      const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
      const links = n === 0 ? [] : [{ application: id(n - 1), name: "next" }];
      const inputs = { image: "a/b", targetNumContainers: 1, linkedToApplication: links };
      return {
        ...{ op: n === 5 ? "update" : "same", urn: `urn:pulumi:prod::shop::${type}::app-${n}` },
        oldState: { id: id(n), inputs },
        newState: { id: id(n), inputs: { ...inputs, targetNumContainers: n === 5 ? 3 : 1 } },
      };
    });
    const report = reportOf(readPreviews(JSON.stringify({ steps }), "chain"));
    const said = "The unchanged part is not drawn: the diagram would be larger than is drawn here.";
    const drawn = render(report, { host: "gitlab" });
    expect(drawn).toContain('n1["~ app-5, update"]');
    expect(drawn).toContain(said);
    expect(render(report, { host: "github" })).not.toContain(said);
  });

  const parsed = CHROMIUM ? test : test.skip;
  parsed("are read by Mermaid as they are meant: every recording, nasty names, and the largest", () => {
    const reports = [...RECORDINGS.map(name => recordedReport(name)), reportOf([])];
    const recorded = reports
      .map(report => /```mermaid\n(.*?)\n```/s.exec(render(report, { host: "none" }))?.[1])
      .filter(text => text !== undefined);
    expect(recorded.length).toBeGreaterThan(10);
    const largest = mermaid(chain(HOSTS.github.diagram.maxEdges + 1, n => `app-${n}`));
    expect(largest.length).toBeLessThan(HOSTS.github.diagram.maxChars);
    const texts = [...recorded, mermaid(chain(NASTY.length, n => NASTY[n] ?? "")), largest];
    const labels = drawnBy(mermaidScript(), [...texts, 'flowchart LR\nn0["broken]']);
    expect(labels.pop()).toBe("refused");
    expect(labels).toHaveLength(texts.length);
    for (const each of labels) expect(each).not.toBe("refused");
    // The names as a reader sees them: whitespace in one, long ones cut.
    const nasty = labels[recorded.length] as string[];
    for (const name of [
      "end",
      '"]:::x',
      "`md`",
      "<b>|</b>",
      "%%{init: {}}%%",
      "#quot;",
      "$$x$$",
      "\\n",
      "é 日本 🚀",
    ])
      expect(nasty.some(label => label.includes(name))).toBe(true);
  });
});

/** Per text the labels of its boxes, or `refused`. */
function drawnBy(script: string, texts: string[]): (string[] | "refused")[] {
  const json = JSON.stringify(texts).replaceAll("<", "\\u003c");
  const page = documentAfter(`<!doctype html><meta charset="utf-8"><body><pre id="answer"></pre>
<script>${script}</script>
<script>
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
(async () => {
  const answers = [];
  for (const [index, text] of ${json}.entries()) {
    try {
      await mermaid.parse(text);
      const { svg } = await mermaid.render("d" + index, text);
      const drawn = new DOMParser().parseFromString(svg, "text/html");
      answers.push([...drawn.querySelectorAll(".nodeLabel")].map(label => label.textContent));
    } catch (error) {
      answers.push("refused");
    }
  }
  document.getElementById("answer").textContent = encodeURIComponent(JSON.stringify(answers));
})();
</script>`);
  const [, answer = ""] = /<pre id="answer">([^<]*)<\/pre>/.exec(page) ?? [];
  return JSON.parse(decodeURIComponent(answer)) as (string[] | "refused")[];
}
