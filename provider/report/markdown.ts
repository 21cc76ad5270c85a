/** Blocks as Markdown of the kind that the host understands. What came from elsewhere can mark nothing up. */
import type { Block } from "./document";
import type { Host } from "./hosts";
import { mermaid } from "./mermaid";
import type { Phrase } from "./phrase";

export function markdown(blocks: readonly Block[], host: Host): string {
  return `${blocks.map(block => rendered(block, host)).join("\n\n")}\n`;
}

/** How the comment of this report is found again. Nothing in the name can end it early. */
export function marker(id: string): string {
  return `<!-- pulumi-tutum:${id.slice(0, LONGEST_ID).replace(/[^\w./]/g, character => `%${character.codePointAt(0)?.toString(16)}`)} -->`;
}

const LONGEST_ID = 150;

function rendered(block: Block, host: Host): string {
  switch (block.kind) {
    case "heading":
      return `${"#".repeat(block.level)} ${inline(block.text, host)}`;
    case "paragraph":
      return inline(block.text, host);
    case "list":
      return block.items.map(item => `- ${inline(item, host)}`).join("\n");
    case "table": {
      const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
      const cell = (lines: Phrase[]) => lines.map(each => inline(each, host)).join(host.html ? "<br>" : "; ");
      return [
        line(block.head),
        line(block.head.map(() => "---")),
        ...block.rows.map(row => line(row.map(cell))),
      ].join("\n");
    }
    case "diagram":
      return `\`\`\`mermaid\n${mermaid(block.graph)}\n\`\`\`\n\n${inline(block.legend, host)}`;
    case "details": {
      const inner = block.blocks.map(each => rendered(each, host)).join("\n\n");
      const summary = inline(block.summary, host);
      return host.html
        ? `<details><summary>${summary}</summary>\n\n${inner}\n\n</details>`
        : `**${summary}**\n\n${inner}`;
    }
  }
}

function inline(phrase: Phrase, host: Host): string {
  return phrase.map(part => (typeof part === "string" ? text(part) : code(part.code, host))).join("");
}

/** Our own words; what looks like markup in them is text all the same. */
function text(words: string): string {
  return oneLine(words)
    .replace(/[@#](?=\w)/g, sign => `${sign}\u2060`)
    .replace(/[&<>`*_~+|\\[\]$]/g, entity);
}

/**
 * A code span, in which nobody is mentioned and nothing is linked. Where a backtick, a pipe or a backslash would end
 * it or the table's cell, and for whoever looks for tags before Markdown does, an element with signs as entities.
 */
function code(value: string, { html }: Host): string {
  const shown = oneLine(value).trim();
  if (shown === "") return html ? "<code>&quot;&quot;</code>" : '`""`';
  if (!(html ? /[`|\\<>]/ : /[`|\\]/).test(shown)) return `\`${shown}\``;
  if (html) return `<code>${shown.replace(/[^\p{L}\p{N} (),/;=-]/gu, entity)}</code>`;
  // Without HTML there is no way to write these inside a cell: signs that look alike.
  return `\`${shown.replaceAll("`", "ˋ").replaceAll("|", "∣").replaceAll("\\", "∖")}\``;
}

function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, " ");
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
