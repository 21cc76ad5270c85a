/**
 * The diagram for a page that runs no scripts, made for every width: the resources one below the other, what links
 * above what is linked to, and beside them a lane for each target, into which everything that links to it runs. No line
 * can cross a box, no line has words: its form says what happens to the link, and the legend says it of the form.
 */
import type { Edge, Graph, Node } from "./graph";
import { escaped } from "./html-text";
import { COLOURS, look, SIGNS, titleOf } from "./mermaid";
import { byName } from "./natural";

const BOX = { height: 30, gap: 10, perCharacter: 7.6, padding: 20 };
/** The whole is at most as wide as the column of a narrow telephone. */
const WIDTH = 380;
const LANE = { widest: 14, margin: 12 };
const LONGEST_LABEL = 30;
/** Where a line leaves its box, and where one arrives, from the box's middle. */
const PORT = 6;

interface Placed {
  node: Node;
  words: string;
  y: number;
}

/** Of all links that lead to one target in one way. */
interface Lane {
  to: string;
  mark: Edge["mark"];
  sources: string[];
  column: number;
}

export function svg(graph: Graph): string {
  const nodes = inOrder(graph);
  const rows = new Map<string, Placed>(
    nodes.map((node, index) => [
      node.key,
      { node, words: label(node), y: 2 + index * (BOX.height + BOX.gap) },
    ]),
  );
  const longest = Math.max(...[...rows.values()].map(({ words }) => [...words].length));
  const width = Math.ceil(longest * BOX.perCharacter + BOX.padding);
  const lanes = lanesOf(graph.edges, rows);
  const columns = Math.max(0, ...lanes.map(({ column }) => column + 1));
  const pitch = Math.min(LANE.widest, (WIDTH - width - 2 * LANE.margin) / Math.max(1, columns));
  const x = (column: number) => Math.round((width + 2 + LANE.margin + column * pitch) * 10) / 10;
  const height = nodes.length * (BOX.height + BOX.gap) - BOX.gap + 4;
  const whole = Math.ceil(columns > 0 ? x(columns - 1) + LANE.margin : width + 4);
  return [
    `<svg role="img" aria-label="${escaped(titleOf(graph.noun))}" viewBox="0 0 ${whole} ${height}" width="${whole}" height="${height}">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0,0 L8,4 L0,8 z"/></marker></defs>',
    ...lanes.flatMap(lane => lines(lane, rows, width + 2, x(lane.column))),
    ...[...rows.values()].map(placed => box(placed, width)),
    "</svg>",
  ].join("\n");
}

/** A sample of how links of this kind are drawn. */
export function sample(mark: Edge["mark"]): string {
  return `<svg aria-hidden="true" viewBox="0 0 36 10" width="36" height="10"><path class="link ${mark}" d="M1,5 H35"/></svg>`;
}

/** What links to others before those, as near as can be; equal ones by name. A circle is cut somewhere. */
function inOrder({ nodes, edges }: Graph): Node[] {
  const rank = new Map(nodes.map(({ key }) => [key, 0]));
  const rankOf = (key: string) => rank.get(key) ?? 0;
  let moved = true;
  for (let round = 1; moved && round < nodes.length; round++) {
    moved = false;
    for (const { from, to } of edges) {
      if (from === to || rankOf(from) < rankOf(to) || rankOf(from) + 1 >= nodes.length) continue;
      rank.set(to, rankOf(from) + 1);
      moved = true;
    }
  }
  return [...nodes].sort((a, b) => rankOf(a.key) - rankOf(b.key) || byName(a.name, b.name));
}

/** Lanes that overlap stand beside one another; short ones are nearest to the boxes. */
function lanesOf(edges: readonly Edge[], rows: ReadonlyMap<string, Placed>): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const { from, to, mark } of edges) {
    const key = `${mark} ${to}`;
    const lane = lanes.get(key) ?? { to, mark, sources: [], column: 0 };
    lane.sources.push(from);
    lanes.set(key, lane);
  }
  const spanOf = ({ to, sources }: Lane): [number, number] => {
    const all = [to, ...sources].map(key => rows.get(key)?.y ?? 0);
    return [Math.min(...all), Math.max(...all)];
  };
  const length = (lane: Lane) => spanOf(lane)[1] - spanOf(lane)[0];
  const placed: Lane[] = [];
  for (const lane of [...lanes.values()].sort((a, b) => length(a) - length(b))) {
    const [top, bottom] = spanOf(lane);
    const taken = placed.filter(other => spanOf(other)[0] <= bottom && spanOf(other)[1] >= top);
    while (taken.some(({ column }) => column === lane.column)) lane.column++;
    placed.push(lane);
  }
  return placed;
}

function lines(
  { to, mark, sources }: Lane,
  rows: ReadonlyMap<string, Placed>,
  edge: number,
  x: number,
): string[] {
  const end = (rows.get(to)?.y ?? 0) + BOX.height / 2 - PORT;
  return sources.map(from => {
    const begin = (rows.get(from)?.y ?? 0) + BOX.height / 2 + PORT;
    return `<path class="link ${mark}" d="M${edge},${begin} H${x} V${end} H${edge + 3}" marker-end="url(#arrow)"/>`;
  });
}

/** With the operation in a word where there is room; of a name that is too long the middle is left out. */
function label({ name, operation }: Node): string {
  const sign = SIGNS[operation];
  if (sign === "") return shortened(name, LONGEST_LABEL);
  const whole = `${sign} ${name}, ${operation}`;
  return [...whole].length <= LONGEST_LABEL ? whole : `${sign} ${shortened(name, LONGEST_LABEL - 2)}`;
}

function shortened(name: string, room: number): string {
  const characters = [...name];
  if (characters.length <= room) return name;
  const half = Math.floor((room - 1) / 2);
  return `${characters.slice(0, half).join("")}…${characters.slice(-half).join("")}`;
}

function box({ node, words, y }: Placed, width: number): string {
  const kind = look(node.operation);
  const [fill, stroke, colour] = COLOURS[kind];
  const border =
    kind === "replace"
      ? ' stroke-width="3"'
      : kind === "delete"
        ? ' stroke-dasharray="5 5" stroke-width="2"'
        : "";
  const middle = `x="${2 + width / 2}" y="${y + BOX.height / 2 + 5}"`;
  return `<rect x="2" y="${y}" width="${width}" height="${BOX.height}" rx="4" fill="${fill}" stroke="${stroke}"${border}/><text ${middle} fill="${colour}" text-anchor="middle">${escaped(words)}</text>`;
}
