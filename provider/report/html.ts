/** Blocks as one HTML file: no script, nothing fetched, light and dark. */
import { type Block, MARKS } from "./document";
import { escaped } from "./html-text";
import { type Phrase, plain } from "./phrase";
import { sample, svg } from "./svg";

const STYLE = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; background: Canvas; color: CanvasText; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #f0f6fc; } }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
td:first-child { white-space: nowrap; }
code { background: var(--soft); padding: .1em .3em; border-radius: 4px; font-size: 90%; }
svg { font: 13px system-ui, sans-serif; max-width: 100%; height: auto; }
.link { fill: none; stroke: #6e7781; stroke-width: 1.5; }
.link.moves { stroke-width: 3.5; }
.link.removed { stroke-dasharray: 6 4; }
.link.added { stroke-width: 2.5; stroke-dasharray: 0 5; stroke-linecap: round; }
.head { fill: #6e7781; }
.table { overflow-x: auto; }
@media (max-width: 40rem) {
  table, tbody, tr, td { display: block; }
  thead { display: none; }
  td { border-width: 0 1px; }
  td:empty { display: none; }
  td:first-child { border-top-width: 1px; background: var(--soft); }
  td:last-child { border-bottom-width: 1px; margin-bottom: .8rem; }
}`;

export function html(blocks: readonly Block[]): string {
  const heading = blocks.find(block => block.kind === "heading");
  const title = heading ? plain(heading.text) : "Preview";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
${blocks.map(rendered).join("\n")}
</body>
</html>
`;
}

function rendered(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `<h${block.level - 1}>${inline(block.text)}</h${block.level - 1}>`;
    case "paragraph":
      return `<p>${inline(block.text)}</p>`;
    case "list":
      return `<ul>\n${block.items.map(item => `<li>${inline(item)}</li>`).join("\n")}\n</ul>`;
    case "table": {
      const head = block.head.map(each => `<th scope="col">${escaped(each)}</th>`).join("");
      const rows = block.rows.map(
        row => `<tr>${row.map(cell => `<td>${cell.map(inline).join("<br>")}</td>`).join("")}</tr>`,
      );
      return `<div class="table"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join("\n")}\n</tbody>\n</table></div>`;
    }
    case "diagram":
      return `<div class="diagram">\n${svg(block.graph)}\n</div>\n<p>${legend(block)}</p>`;
    case "details":
      return `<details><summary>${inline(block.summary)}</summary>\n${block.blocks.map(rendered).join("\n")}\n</details>`;
  }
}

/** Boxes in words, lines as they are drawn. */
function legend({ boxes, graph }: Extract<Block, { kind: "diagram" }>): string {
  const marks = [...new Set(graph.edges.map(({ mark }) => mark))].filter(mark => mark !== "same").sort();
  const lines = marks.map(mark => `${sample(mark)} ${MARKS[mark]}`);
  return [...(boxes === "" ? [] : [escaped(boxes)]), ...lines].join(" · ");
}

function inline(phrase: Phrase): string {
  return phrase
    .map(part => (typeof part === "string" ? escaped(part) : `<code>${escaped(part.code)}</code>`))
    .join("");
}
