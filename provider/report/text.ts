/** Blocks for a terminal or a log: tables become short paragraphs, as no terminal is wide enough for them. */
import { styleText } from "node:util";
import { printable } from "../http/printable";
import type { Block } from "./document";
import type { Phrase } from "./phrase";

/** `colour` marks the dangerous and the calm signs. Default: none. */
export function text(blocks: readonly Block[], colour = false): string {
  return `${blocks.flatMap(block => rendered(block, colour)).join("\n\n")}\n`;
}

function rendered(block: Block, colour: boolean): string[] {
  switch (block.kind) {
    case "heading": {
      const words = inline(block.text);
      return [colour ? styleText("bold", words, { validateStream: false }) : words];
    }
    case "paragraph":
      return [inline(block.text)];
    case "list":
      return [block.items.map(item => `- ${inline(item)}`).join("\n")];
    case "table":
      return block.rows.map(([sign = [], name = [], changes = [], meaning = []]) => {
        const first = `${painted(lines(sign), colour)}  ${lines(name)}: ${lines(meaning)}`;
        return [first, ...changes.map(change => `    ${inline(change)}`)].join("\n");
      });
    // The list of links says the same in words.
    case "diagram":
      return [];
    case "details":
      return [`${inline(block.summary)}:`, ...block.blocks.flatMap(each => rendered(each, colour))];
  }
}

const PAINT = { "−": "red", "±": "magenta", "~": "yellow", "+": "green" } as const;

function painted(sign: string, colour: boolean): string {
  const paint = PAINT[sign.charAt(0) as keyof typeof PAINT];
  return colour && paint ? styleText(paint, sign, { validateStream: false }) : sign;
}

function lines(phrases: readonly Phrase[]): string {
  return phrases.map(inline).join(", ");
}

function inline(phrase: Phrase): string {
  const words = phrase.map(part => (typeof part === "string" ? part : part.code)).join("");
  return printable(words).replace(/[\r\n\t]+/g, " ");
}
