import { type DocumentOptions, documentOf, WHOLE } from "./document";
import { fitted } from "./fit";
import { HOSTS, type HostName } from "./hosts";
import { html } from "./html";
import { json } from "./json";
import { markdown, marker } from "./markdown";
import type { KindsReport } from "./report";
import { text } from "./text";

export const FORMATS = ["markdown", "html", "json", "text"] as const;
export type Format = (typeof FORMATS)[number];

export interface RenderOptions extends Omit<DocumentOptions, "host"> {
  /** Default: `markdown`. */
  format?: Format;
  /** Where Markdown is shown. Default: `github`. */
  host?: HostName;
  /** Longest Markdown or text, in UTF-16 units. Default: the host's for Markdown; none for text. */
  maxChars?: number;
  /** Names the report, so that its comment is found again. Default: from the stacks. */
  id?: string;
  /** Text with colours of a terminal. Default: false. */
  colour?: boolean;
}

/** The shortest limit that holds a verdict for certain. */
export const SHORTEST_LIMIT = 1_000;

export function render(report: KindsReport, options: RenderOptions = {}): string {
  const { format = "markdown", host: name = "github", colour = false, ...rest } = options;
  const host = HOSTS[name];
  const document = { host, declares: options.declares, stamp: options.stamp, whole: options.whole };
  if (format === "json") return json(report);
  if (format === "html") return html(documentOf(report, WHOLE, { ...document, host: HOSTS.none }));
  if (format === "text") {
    const maxChars = rest.maxChars ?? Number.POSITIVE_INFINITY;
    return fitted(report, document, blocks => text(blocks, colour), maxChars);
  }
  const mark = `${marker(rest.id ?? idOf(report))}\n`;
  return (
    mark +
    fitted(report, document, blocks => markdown(blocks, host), (rest.maxChars ?? host.maxChars) - mark.length)
  );
}

/** `project/stack`; several stacks of a project have its name, whichever they are this time. */
export function idOf({ stacks }: KindsReport): string {
  const [first] = stacks;
  if (stacks.length === 1 && first)
    return first.project === "" ? "preview" : `${first.project}/${first.stack}`;
  const projects = new Set(stacks.map(({ project }) => project));
  return projects.size === 1 && first && first.project !== "" ? first.project : "stacks";
}
