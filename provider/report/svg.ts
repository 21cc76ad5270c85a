/** The diagram for a page that runs no scripts: layers from left to right, what links before what is linked to. */
import type { Edge, Graph, Node } from "./graph";
import { escaped } from "./html-text";
import { COLOURS, look, SIGNS } from "./mermaid";

const BOX = { height: 34, gap: 18, perCharacter: 8, padding: 24 };
const LAYER_GAP = 90;
const LONGEST_NAME = 30;

interface Placed {
  node: Node;
  words: string;
  x: number;
  y: number;
  width: number;
}

export function svg({ nodes, edges }: Graph): string {
  const placed = layout(nodes, edges);
  const width = Math.max(...[...placed.values()].map(box => box.x + box.width)) + 2;
  const height = Math.max(...[...placed.values()].map(box => box.y + BOX.height)) + 2;
  return [
    `<svg role="img" aria-label="Linked applications" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0,0 L8,4 L0,8 z"/></marker></defs>',
    ...edges.map(edge => arrow(edge, placed, edges)),
    ...[...placed.values()].map(box),
    "</svg>",
  ].join("\n");
}

function layout(nodes: readonly Node[], edges: readonly Edge[]): Map<string, Placed> {
  const layers = layersOf(nodes, edges);
  const placed = new Map<string, Placed>();
  let x = 2;
  for (const layer of [...new Set(layers.values())].sort((a, b) => a - b)) {
    const own = nodes.filter(({ key }) => layers.get(key) === layer);
    const boxes = own.map((node, index) => {
      const words = label(node);
      const width = [...words].length * BOX.perCharacter + BOX.padding;
      return { node, words, x, y: 2 + index * (BOX.height + BOX.gap), width };
    });
    for (const each of boxes) placed.set(each.node.key, each);
    x += Math.max(...boxes.map(({ width }) => width)) + LAYER_GAP;
  }
  return placed;
}

/** Behind all that links to it, and then as near to what it links to as can be: lines cross no boxes they needn't. */
function layersOf(nodes: readonly Node[], edges: readonly Edge[]): Map<string, number> {
  const layers = new Map(nodes.map(({ key }) => [key, 0]));
  const layer = (key: string) => layers.get(key) ?? 0;
  const others = edges.filter(({ from, to }) => from !== to);
  // At most as many rounds as there are nodes: a cycle must not go on for ever.
  let moved = true;
  for (let round = 1; moved && round < nodes.length; round++) {
    moved = false;
    for (const { from, to } of others) {
      if (layer(from) < layer(to) || layer(from) + 1 >= nodes.length) continue;
      layers.set(to, layer(from) + 1);
      moved = true;
    }
  }
  for (const { key } of nodes) {
    const isTarget = others.some(({ to }) => to === key);
    const targets = others.filter(({ from }) => from === key).map(({ to }) => layer(to));
    if (!isTarget && targets.length > 0) layers.set(key, Math.max(layer(key), Math.min(...targets) - 1));
  }
  return layers;
}

function label({ name, operation }: Node): string {
  const characters = [...name];
  const short =
    characters.length > LONGEST_NAME ? `${characters.slice(0, LONGEST_NAME - 1).join("")}…` : name;
  return SIGNS[operation] === "" ? short : `${SIGNS[operation]} ${short}, ${operation}`;
}

function box({ node, words, x, y, width }: Placed): string {
  const kind = look(node.operation);
  const [fill, stroke, colour] = COLOURS[kind];
  const border =
    kind === "replace"
      ? ' stroke-width="4"'
      : kind === "delete"
        ? ' stroke-dasharray="5 5" stroke-width="2"'
        : "";
  const middle = `x="${x + width / 2}" y="${y + BOX.height / 2 + 5}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${BOX.height}" rx="4" fill="${fill}" stroke="${stroke}"${border}/><text ${middle} fill="${colour}" text-anchor="middle">${escaped(words)}</text>`;
}

const WORDS: Record<Edge["mark"], string> = { same: "", added: "new", removed: "removed", moves: "moves" };

function arrow(edge: Edge, placed: Map<string, Placed>, edges: readonly Edge[]): string {
  const { from, to, mark } = edge;
  const [start, end] = [placed.get(from), placed.get(to)];
  if (!start || !end) return "";
  const [x1, y1] = [start.x + start.width, start.y + BOX.height / 2];
  const [x2, y2] = [end.x, end.y + BOX.height / 2];
  const bend = (x2 - x1) / 2;
  const words = WORDS[mark];
  const path = `<path class="link ${mark}" d="M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}" marker-end="url(#arrow)"/>`;
  if (words === "") return path;
  // Where it begins: lines from different boxes are still apart there, those from the same one take turns.
  const rank = edges.filter(each => each.from === from && WORDS[each.mark] !== "").indexOf(edge);
  return `${path}<text class="mark" x="${x1 + 6}" y="${y1 - 4 + rank * 13}">${words}</text>`;
}
