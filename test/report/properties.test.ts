/** What holds for any preview, whatever is in it. */
import fc from "fast-check";
import { Marked } from "marked";
import {
  HOSTS,
  type HostName,
  readPreviews,
  render,
  reportOf,
  SHORTEST_LIMIT,
  UnreadableInput,
} from "../../provider/report";

const TYPE = "pulumi-nodejs:dynamic/tutum:Application";
const CANARY = "canary#Zq81";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SECRET = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

const nasty = fc.constantFrom(
  "<script>alert(1)</script>",
  "</details>",
  "```",
  "| a | b |",
  "\\|",
  "`",
  "@octocat",
  "#123",
  "http://evil.example/x",
  "www.evil.example",
  "[x](javascript:alert(1))",
  "![x](http://evil.example/i.png)",
  "**b** _i_ ~~s~~ $x$",
  "\r\n\r\n# heading\n- list",
  '"]:::x --> end; click n0 "http://evil.example"',
  "-->",
  "\u202e\u001b[31m\u0007",
  "&lt;b&gt; &#60;",
  "%%{init: {}}%%",
);
const word = fc.oneof(nasty, fc.string({ maxLength: 12 }), fc.string({ unit: "binary", maxLength: 8 }));
const text = fc.array(word, { minLength: 1, maxLength: 3 }).map(words => words.join(" "));
/** Old and new value; a canary only ever beside a secret. */
const sides = fc.oneof(
  fc.tuple(text, text),
  fc.constantFrom(
    [CANARY, "[secret]"],
    ["[secret]", CANARY],
    [CANARY, SECRET],
    [SECRET, CANARY],
    ["a", UNKNOWN],
  ),
);
const op = fc.constantFrom(
  ...[
    "create",
    "update",
    "delete",
    "replace",
    "create-replacement",
    "delete-replaced",
    "same",
    "refresh",
    "read",
  ],
  ...["import", "discard", "remove-pending-replace", "something-new"],
);

const step = fc
  .record({
    op,
    name: text,
    ours: fc.boolean(),
    image: sides,
    variables: fc.array(fc.tuple(text, sides), { maxLength: 4 }),
    links: fc.array(fc.record({ application: fc.oneof(fc.uuid(), fc.constant(UNKNOWN)), name: text }), {
      maxLength: 3,
    }),
    odd: fc.anything(),
  })
  .map(({ op, name, ours, image, variables, links, odd }) => {
    // Of a value that stands alone nothing says that it is secret.
    const alone = op === "create" || op === "delete";
    const shown = (value: unknown) => (alone && value === CANARY ? "[secret]" : value);
    const state = (side: 0 | 1) => ({
      id: "",
      inputs: {
        image: shown(image[side]),
        linkedToApplication: links,
        triggers: odd,
        containerEnvvars: Object.fromEntries(variables.map(([key, values]) => [key, shown(values[side])])),
      },
    });
    return {
      op,
      urn: `urn:pulumi:prod::shop::${ours ? TYPE : "aws:s3/bucket:Bucket"}::${name}`,
      ...(op !== "create" && { oldState: state(0) }),
      ...(op !== "delete" && { newState: state(1) }),
      diffReasons: ["image", "containerEnvvars"],
      replaceReasons: op === "replace" ? ["image"] : [],
    };
  });
const digest = fc
  .record({
    steps: fc.array(step, { maxLength: 25 }),
    diagnostics: fc.array(
      fc.record({ severity: fc.constantFrom("error", "warning", "info"), message: text }),
      {
        maxLength: 3,
      },
    ),
  })
  .map(document => {
    // A message may repeat the secret, as errors of programs do.
    const held = JSON.stringify(document.steps).includes(CANARY);
    const leak = held ? [{ severity: "error", message: `cannot connect with ${CANARY}` }] : [];
    return JSON.stringify({ ...document, diagnostics: [...document.diagnostics, ...leak] });
  });

const host = fc.constantFrom(...(Object.keys(HOSTS) as HostName[]));
const reportOn = (json: string) => reportOf(readPreviews(json, "test"));

describe("any preview", () => {
  test("its Markdown and text are within the limit, with everything opened closed", () => {
    fc.assert(
      fc.property(digest, host, fc.integer({ min: SHORTEST_LIMIT, max: 20_000 }), (json, host, maxChars) => {
        for (const format of ["markdown", "text"] as const) {
          const made = render(reportOn(json), { format, host, maxChars });
          expect(made.length).toBeLessThanOrEqual(maxChars);
          const count = (part: string) => made.split(part).length - 1;
          if (format === "markdown" && HOSTS[host].html) expect(count("<details>")).toBe(count("</details>"));
          if (format === "markdown") expect((made.match(/^```/gm) ?? []).length % 2).toBe(0);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("no format shows a secret, or the plain value beside one", () => {
    fc.assert(
      fc.property(digest, json => {
        for (const format of ["markdown", "html", "json", "text"] as const)
          expect(render(reportOn(json), { format, host: "none" })).not.toContain("canary");
      }),
      { numRuns: 150 },
    );
  });

  test("the same preview gives the same bytes", () => {
    fc.assert(
      fc.property(digest, json => {
        for (const format of ["markdown", "html", "json", "text"] as const)
          expect(render(reportOn(json), { format })).toBe(render(reportOn(json), { format }));
      }),
      { numRuns: 50 },
    );
  });

  test("in Markdown nothing of it becomes an element, a link, a mention, a row or an entry", () => {
    fc.assert(
      fc.property(digest, json => {
        const made = render(reportOn(json), { host: "github" });
        const rows = (made.match(/^\| (?!operation|---)/gm) ?? []).length;
        const page = new Marked().parse(made, { async: false, gfm: true });
        const elements = [...page.matchAll(/<\/?([a-z][a-z0-9]*)([^>]*)>/gi)];
        for (const [, name, attributes] of elements) {
          expect(ELEMENTS).toContain(name?.toLowerCase());
          expect(attributes).toMatch(/^( class="language-mermaid")?$/);
        }
        expect(page.split("<tr>").length - 1).toBe(rows === 0 ? 0 : rows + tables(made));
        expect(page.split("<li>").length - 1).toBe((made.match(/^- /gm) ?? []).length);
        const outsideCode = page.replace(/<(code|pre)[ >].*?<\/\1>/gs, "");
        expect(outsideCode).not.toMatch(/@\w|(?<!&)#\d|https?:|www\./);
      }),
      { numRuns: 150 },
    );
  });

  test("in HTML nothing of it becomes an element or leaves an attribute", () => {
    fc.assert(
      fc.property(digest, json => {
        const page = render(reportOn(json), { format: "html" });
        const names = [...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name]) => name?.toLowerCase());
        for (const name of names) expect(HTML_ELEMENTS).toContain(name);
        expect(page).not.toMatch(/<[^>]*\son\w+=/i);
      }),
      { numRuns: 100 },
    );
  });

  test("every line of its Mermaid is of a known form", () => {
    fc.assert(
      fc.property(digest, json => {
        const [, diagram = ""] =
          /```mermaid\n(.*?)\n```/s.exec(render(reportOn(json), { host: "none" })) ?? [];
        for (const line of diagram.split("\n").filter(Boolean)) expect(line).toMatch(MERMAID_LINE);
      }),
      { numRuns: 150 },
    );
  });

  test("in a terminal it moves no cursor and turns no text round", () => {
    fc.assert(
      fc.property(digest, json => {
        const made = render(reportOn(json), { format: "text" }).replaceAll("\n", "");
        expect(made).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }),
      { numRuns: 100 },
    );
  });
});

describe("any input", () => {
  const anyJson = fc.oneof(
    fc.json(),
    fc.string(),
    fc.array(fc.json()).map(lines => lines.join("\n")),
    fc.anything().map(odd => JSON.stringify({ steps: odd })),
    fc
      .anything()
      .map(odd =>
        JSON.stringify({ steps: [{ op: "update", urn: `urn:pulumi:a::b::${TYPE}::c`, newState: odd }] }),
      ),
    fc.anything().map(odd =>
      JSON.stringify({
        steps: [
          {
            op: "update",
            urn: `urn:pulumi:a::b::${TYPE}::c`,
            oldState: { inputs: odd },
            newState: { inputs: odd, outputs: odd },
          },
        ],
      }),
    ),
    fc
      .dictionary(
        fc.constantFrom(
          "image",
          "containerPorts",
          "containerEnvvars",
          "linkedToApplication",
          "roles",
          "running",
        ),
        fc.anything(),
      )
      .map(inputs =>
        JSON.stringify({
          steps: [
            {
              op: "replace",
              urn: `urn:pulumi:a::b::${TYPE}::c`,
              oldState: { inputs: {} },
              newState: { inputs },
            },
          ],
        }),
      ),
    fc.anything().map(odd => JSON.stringify({ resourcePreEvent: odd })),
    fc.tuple(digest, fc.nat()).map(([json, at]) => json.slice(0, at % json.length)),
  );

  test("is a report, or an error that says in a sentence what is wrong", () => {
    fc.assert(
      fc.property(anyJson, input => {
        try {
          const report = reportOn(input);
          for (const format of ["markdown", "html", "json", "text"] as const)
            expect(render(report, { format })).not.toBe("");
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableInput);
          expect((error as Error).message).toMatch(/^test.*[.?]$/s);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const ELEMENTS = "h2 h3 h4 p ul li table thead tbody tr th td code pre details summary br".split(" ");
const HTML_ELEMENTS = [
  ...ELEMENTS,
  ..."h1 html head meta title style body div svg defs marker path rect text".split(" "),
];
const MERMAID_LINE =
  /^(flowchart LR|accTitle: Linked applications|n\d+\["([\p{L}\p{N} ._/…,+~±−-]|#\d+;)*"\]:::[a-z]+|n\d+ (-->|-->\|new\||-\.->|==>) n\d+|classDef [a-z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}(,stroke-width:4px|,stroke-dasharray:5 5)?)$/u;

function tables(made: string): number {
  return (made.match(/^\| operation/gm) ?? []).length;
}
