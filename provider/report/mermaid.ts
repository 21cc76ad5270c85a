/**
 * Links as a Mermaid flowchart. Marked by sign, word and border, never by colour alone. Every colour has a contrast
 * of at least 4.5 (text) or 3 (lines) on white and on GitHub's dark canvas, and the text colour is always set.
 */
import type { Operation } from "./folded-steps";
import type { Edge, Graph } from "./graph";

export const SIGNS: Record<Operation, string> = {
  delete: "−",
  replace: "±",
  update: "~",
  create: "+",
  import: "+",
  read: "",
  same: "",
};

/** Fill, stroke and text. */
export const COLOURS = {
  create: ["#dafbe1", "#2da44e", "#0a3622"],
  update: ["#ddf4ff", "#218bff", "#0a3069"],
  replace: ["#fff8c5", "#bf8700", "#4d2d00"],
  delete: ["#ffebe9", "#e5534b", "#660018"],
  same: ["#f6f8fa", "#8b949e", "#24292f"],
} as const;

const BORDERS: Partial<Record<keyof typeof COLOURS, string>> = {
  replace: ",stroke-width:4px",
  delete: ",stroke-dasharray:5 5",
};
/** The form says it, and the legend says it of the form: words on many lines would cover one another, and boxes. */
const ARROWS: Record<Edge["mark"], string> = {
  same: "-->",
  added: "-->|new|",
  removed: "-.->",
  moves: "==>",
};
/** Longer names make boxes nobody can read. */
const LONGEST_NAME = 40;

export function mermaid({ nodes, edges, noun }: Graph): string {
  const ids = new Map(nodes.map(({ key }, index) => [key, `n${index}`]));
  const used = [...new Set(nodes.map(({ operation }) => look(operation)))].sort();
  return [
    "flowchart LR",
    `accTitle: ${titleOf(noun)}`,
    ...nodes.map(
      ({ name, operation }, index) => `n${index}["${label(name, operation)}"]:::${look(operation)}`,
    ),
    ...edges.map(({ from, to, mark }) => `${ids.get(from)} ${ARROWS[mark]} ${ids.get(to)}`),
    ...used.map(each => {
      const [fill, stroke, color] = COLOURS[each];
      return `classDef ${each} fill:${fill},stroke:${stroke},color:${color}${BORDERS[each] ?? ""}`;
    }),
  ].join("\n");
}

/** `Linked applications`. */
export function titleOf(noun = "resource"): string {
  return `Linked ${noun}s`;
}

export function look(operation: Operation): keyof typeof COLOURS {
  if (operation === "import") return "create";
  return operation === "read" ? "same" : operation;
}

function label(name: string, operation: Operation): string {
  const short = [...name].length > LONGEST_NAME ? `${[...name].slice(0, LONGEST_NAME - 1).join("")}…` : name;
  const shown = escaped(short);
  return SIGNS[operation] === "" ? shown : `${SIGNS[operation]} ${shown}, ${operation}`;
}

/** Anything but letters, digits and harmless signs as an entity: quotes end labels, backticks begin Markdown. */
function escaped(text: string): string {
  return [...text.replace(/\s+/g, " ")]
    .map(character => (/[\p{L}\p{N} ._/…-]/u.test(character) ? character : `#${character.codePointAt(0)};`))
    .join("");
}
