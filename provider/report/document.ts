/** A report as blocks of text: what is said, in which order, and how much of it; formats only spell it. */
import type { Operation } from "./folded-steps";
import { changedPart, type Edge, type Graph } from "./graph";
import type { Host } from "./hosts";
import { mermaid, SIGNS } from "./mermaid";
import { lookedAt } from "./part";
import { count, list, type Phrase, say } from "./phrase";
import type { Diagnostic } from "./preview";
import type { PropertyChange, Shown } from "./property-change";
import { isChange, type KindsReport, type KindsStackReport, type ResourceChange, subject } from "./report";
import { declaration, isQuiet, verdict } from "./verdict";

export type Block =
  | { kind: "heading"; level: 2 | 3 | 4; text: Phrase }
  | { kind: "paragraph"; text: Phrase }
  | { kind: "list"; items: Phrase[] }
  /** Each cell is some lines. */
  | { kind: "table"; head: string[]; rows: Phrase[][][] }
  /** `boxes` is the part of the legend that is not about lines. */
  | { kind: "diagram"; graph: Graph; legend: Phrase; boxes: string }
  | { kind: "details"; summary: Phrase; blocks: Block[] };

/** How much of a report is shown; what shrinks first stands first. */
export interface Extent {
  details: boolean;
  diagram: "all" | "changed" | "none";
  /** Rows of each table and entries of each list. */
  rows: number;
  stacks: number;
}

export interface DocumentOptions {
  host: Host;
  /** The stack is empty, and the preview shows what the program declares. */
  declares?: boolean;
  /** Appended as the last line. */
  stamp?: string;
  /** Where the whole report is, if this one has to be cut. Default: wherever the command is run without a limit. */
  whole?: string;
}

export const WHOLE: Extent = {
  details: true,
  diagram: "all",
  rows: Number.POSITIVE_INFINITY,
  stacks: Number.POSITIVE_INFINITY,
};

export function documentOf({ stacks }: KindsReport, extent: Extent, options: DocumentOptions): Block[] {
  const said = options.declares ? declaration(stacks) : verdict(stacks);
  const [only] = stacks;
  const title: Block = {
    kind: "heading",
    level: 2,
    text:
      stacks.length === 1 && only
        ? say`${nameOfStack(only)}: ${[said]}`
        : [`${count(stacks.length, "stack")}: ${said}`],
  };
  const shown = stacks.length === 1 ? stacks : stacks.filter(stack => !isQuiet(stack));
  const quiet = stacks.length === 1 ? [] : stacks.filter(isQuiet);
  const blocks: Block[] = [title];
  for (const stack of shown.slice(0, extent.stacks)) {
    if (stacks.length > 1)
      blocks.push({ kind: "heading", level: 3, text: say`${nameOfStack(stack)}: ${[verdict([stack])]}` });
    blocks.push(...stackBlocks(stack, extent, options.host));
  }
  if (shown.length > extent.stacks)
    blocks.push({
      kind: "paragraph",
      text: [`${count(shown.length - extent.stacks, "more stack")} with changes, left out for their length.`],
    });
  if (quiet.length > 0) {
    const named = quiet.slice(0, extent.rows).map(stack => say`${nameOfStack(stack)}`);
    const rest: Phrase[] = quiet.length > named.length ? [[`${quiet.length - named.length} more`]] : [];
    blocks.push({ kind: "paragraph", text: say`No changes in ${list([...named, ...rest])}.` });
  }
  const cut = cuts(extent, options, stacks);
  if (cut) blocks.push({ kind: "paragraph", text: cut });
  if (options.stamp) blocks.push({ kind: "paragraph", text: [options.stamp] });
  return blocks;
}

/** The least that a report says. */
export function verdictAlone(report: KindsReport, options: DocumentOptions): Block[] {
  const said = options.declares ? declaration(report.stacks) : verdict(report.stacks);
  return [
    { kind: "heading", level: 2, text: [said] },
    {
      kind: "paragraph",
      text: say`Everything else is too long for this place. ${toSeeAll(options, report.stacks)}`,
    },
  ];
}

function cuts(
  { details, diagram, rows }: Extent,
  options: DocumentOptions,
  stacks: readonly KindsStackReport[],
): Phrase | undefined {
  const cut = [
    ...(details ? [] : ["details"]),
    ...(diagram === "all" ? [] : [diagram === "none" ? "the diagram" : "unchanged parts of the diagram"]),
    ...(Number.isFinite(rows) ? ["the last rows"] : []),
  ];
  if (cut.length === 0) return undefined;
  return say`Left out, as the whole is too long for this place: ${[cut.join(", ")]}. ${toSeeAll(options, stacks)}`;
}

function toSeeAll({ whole }: DocumentOptions, stacks: readonly KindsStackReport[]): Phrase {
  if (whole) return [`The whole report is in ${whole}.`];
  const command = "pulumi-tutum report --host none";
  const sources = [...new Set(stacks.map(({ source }) => source))];
  const piped = sources.some(source => source === "standard input");
  const shown = sources.slice(0, SOURCES).join(" ") + (sources.length > SOURCES ? " …" : "");
  return say`To see it all, run ${piped ? `pulumi preview --json | ${command}` : `${command} ${shown}`}.`;
}

/** Files that are named where several were read. */
const SOURCES = 3;

export function nameOfStack({ project, stack }: KindsStackReport): string {
  return project === "" ? stack : `${project}/${stack}`;
}

function stackBlocks(stack: KindsStackReport, extent: Extent, host: Host): Block[] {
  const changed = stack.changes;
  const noun = nounOf(changed);
  const blocks: Block[] = [
    ...(stack.part ? [{ kind: "paragraph" as const, text: lookedAt(stack.part) }] : []),
    ...listOf(stack.problems.map(problem), extent),
    ...section("Changed outside Pulumi", listOf(stack.drift.flatMap(drifted), extent)),
  ];
  if (changed.length > 0) {
    blocks.push({
      kind: "table",
      head: ["operation", noun, "change", "what it means"],
      rows: changed.slice(0, extent.rows).map(change => row(change, changed)),
    });
    if (changed.length > extent.rows)
      blocks.push({
        kind: "paragraph",
        text: [`${count(changed.length - extent.rows, `more ${noun}`)} changed, the less dangerous ones.`],
      });
  }
  if (stack.order.length > 0) blocks.push(...section("Order", listOf(stack.order, extent)));
  const isGoing = changed.some(({ operation }) => operation === "replace" || operation === "delete");
  if (isGoing && stack.unseen > 0)
    blocks.push({
      kind: "paragraph",
      text: say`Not looked at: the links of ${[count(stack.unseen, "unchanged resource")]}, which the preview only counts. After a preview of a part of the stack (${"--target"}, ${"--exclude"}) they may lead to what is deleted.`,
    });
  blocks.push(...diagramBlocks(stack.graph, extent, host));
  const others = stack.others.map(({ name, type, operation, properties }) => {
    const which = properties.length > 0 ? say` (${list(properties.map(each => say`${each}`))})` : [];
    return say`${[`${signed(operation)} `]}${name}, a ${type}${which}`;
  });
  blocks.push(...section("Other resources", listOf(others, extent)));
  const detailed = changed.filter(hasMore);
  if (extent.details && detailed.length > 0) {
    blocks.push({
      kind: "details",
      summary: ["All properties"],
      blocks: detailed.flatMap(properties),
    });
  }
  return blocks;
}

/** What all of them are. */
function nounOf(changes: readonly ResourceChange[]): string {
  const [noun, ...others] = new Set(changes.map(({ kind }) => kind.noun));
  return noun === undefined || others.length > 0 ? "resource" : noun;
}

function section(title: string, blocks: Block[]): Block[] {
  return blocks.length > 0 ? [{ kind: "heading", level: 4, text: [title] }, ...blocks] : [];
}

function listOf(items: Phrase[], { rows }: Pick<Extent, "rows">): Block[] {
  if (items.length === 0) return [];
  const rest: Phrase[] = items.length > rows ? [[`${items.length - rows} more`]] : [];
  return [{ kind: "list", items: [...items.slice(0, rows), ...rest] }];
}

function problem(diagnostic: Diagnostic): Phrase {
  const kind = diagnostic.severity === "error" ? "Error" : "Warning";
  const of = subject(diagnostic);
  const where = of.length > 0 ? say`, ${of}` : [];
  return say`${[kind]}${where}: ${shortened(diagnostic.message, LONGEST_MESSAGE)}`;
}

function drifted({ name, gone, changes }: KindsStackReport["drift"][number]): Phrase[] {
  if (gone) return [say`${name} no longer exists`];
  return changes.map(change => say`${name}: ${fromTo(change)}`);
}

/** Longer texts are cut in tables and lists; the details have more of them. */
const LONGEST_VALUE = 60;
const LONGEST_DETAIL = 400;
const LONGEST_MESSAGE = 1_000;
/** Properties of one resource in the table. */
const LINES = 3;

function row(change: ResourceChange, all: readonly ResourceChange[]): Phrase[][] {
  const { name, kind, operation, changes } = change;
  const isMixed = all.some(other => other.kind.noun !== kind.noun);
  const created = operation === "create" || operation === "import";
  const shown = created ? [] : changes.slice(0, changes.length > LINES ? LINES - 1 : LINES);
  const rest = created ? 0 : changes.length - shown.length;
  return [
    [[signed(operation)]],
    [say`${name}${[isMixed ? ` (${kind.noun})` : ""]}`],
    [...shown.map(change => line(change)), ...(rest > 0 ? [[`and ${rest} more`]] : [])],
    [change.meaning],
  ];
}

function line(change: ResourceChange["changes"][number]): Phrase {
  const forces: Phrase = change.forcesReplacement ? [", forces replacement"] : [];
  const from =
    change.upstream.length > 0 ? say`, from ${list(change.upstream.map(each => say`${each}`))}` : [];
  return say`${fromTo(change)}${forces}${from}`;
}

function fromTo({ path, from, to }: PropertyChange, longest = LONGEST_VALUE): Phrase {
  if (from.kind === "secret" && to.kind === "secret") return say`${path}: a secret changes`;
  if (from.kind === "none") return say`${path}: ${value(to, longest)}${[" added"]}`;
  if (to.kind === "none") return say`${path}: ${value(from, longest)}${[" removed"]}`;
  if (from.kind === "value" && to.kind === "value" && from.text === to.text)
    return say`${path}: ${value(to, longest)}${[", recreated"]}`;
  return say`${path}: ${value(from, longest)} → ${value(to, longest)}`;
}

function value(shown: Shown, longest: number): Phrase {
  if (shown.kind === "value") return say`${shortened(shown.text, longest)}`;
  return [{ secret: "(secret)", unknown: "(known later)", none: "(none)" }[shown.kind]];
}

function shortened(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest
    ? text
    : `${characters.slice(0, longest).join("")}… (${characters.length} characters)`;
}

/** Whether the table could not show everything. */
function hasMore({ operation, changes }: ResourceChange): boolean {
  const long = changes.some(({ from, to }) =>
    [from, to].some(side => side.kind === "value" && side.text.length > LONGEST_VALUE),
  );
  return changes.length > LINES || long || (operation === "create" && changes.length > 0);
}

function properties({ name, operation, changes }: ResourceChange): Block[] {
  return [
    { kind: "paragraph", text: say`${name}, ${[operation]}` },
    {
      kind: "list",
      items: changes.map(
        change =>
          say`${fromTo(change, LONGEST_DETAIL)}${[change.forcesReplacement ? ", forces replacement" : ""]}`,
      ),
    },
  ];
}

export function signed(operation: Operation): string {
  return `${SIGNS[operation]} ${operation}`.trim();
}

function diagramBlocks(graph: Graph, { diagram, details, rows }: Extent, host: Host): Block[] {
  const changes = graph.nodes.some(({ operation }) => isChange(operation));
  if (!changes || graph.edges.length === 0) return [];
  const part = changedPart(graph);
  const candidates = diagram === "none" ? [] : diagram === "changed" ? [part] : [graph, part];
  const drawn = candidates.find(each => fits(each, host));
  const blocks: Block[] = drawn
    ? [{ kind: "diagram", graph: drawn, legend: [legend(drawn)], boxes: boxesOf(drawn) }]
    : [];
  if (drawn === part && diagram === "all" && part.edges.length < graph.edges.length)
    blocks.push({
      kind: "paragraph",
      text: ["The unchanged part is not drawn: the diagram would be larger than is drawn here."],
    });
  if (host.diagram && !drawn && diagram !== "none")
    blocks.push({ kind: "paragraph", text: ["No diagram: it would be larger than is drawn here."] });
  const asText = listOf(
    (drawn ?? part).edges.map(edge => inWords(edge, graph)),
    { rows: Math.min(rows, LONGEST_TWIN) },
  );
  if (details) blocks.push({ kind: "details", summary: ["Links as text"], blocks: asText });
  return blocks;
}

const LONGEST_TWIN = 400;

function fits(graph: Graph, { diagram }: Host): boolean {
  if (!diagram || graph.edges.length === 0 || graph.edges.length > diagram.maxEdges) return false;
  return mermaid(graph).length <= diagram.maxChars;
}

export const MARKS: Record<Edge["mark"], string> = {
  same: "",
  added: "new link",
  removed: "link removed",
  moves: "link recreated",
};

function inWords({ from, to, mark, verb = "is linked to" }: Edge, { nodes }: Graph): Phrase {
  const named = (key: string) => {
    const node = nodes.find(each => each.key === key);
    const operation = node && isChange(node.operation) ? [` (${node.operation})`] : [];
    return say`${node?.name ?? key}${operation}`;
  };
  return say`${named(from)} ${[verb]} ${named(to)}${[mark === "same" ? "" : `: ${MARKS[mark]}`]}`;
}

function boxesOf({ nodes }: Graph): string {
  const operations = [...new Set(nodes.map(({ operation }) => operation))].filter(isChange).sort();
  return operations.map(operation => `${signed(operation)}${BORDERS[operation] ?? ""}`).join(" · ");
}

function legend(graph: Graph): string {
  const { edges } = graph;
  const marks = [...new Set(edges.map(({ mark }) => mark))].filter(mark => mark !== "same").sort();
  const boxes = boxesOf(graph);
  const arrows = marks.map(mark => `${ARROWS[mark]} ${MARKS[mark]}`);
  return [...(boxes === "" ? [] : [boxes]), ...arrows].join(" · ");
}

const BORDERS: Partial<Record<Operation, string>> = {
  replace: " (thick border)",
  delete: " (dashed border)",
};
const ARROWS: Record<Edge["mark"], string> = { same: "→", added: "→", removed: "⇢", moves: "⇒" };
