/** One comment per report: found again by its first line and its author, and updated. */
import { type Comment, type CommentHost, CommentRefusal } from "./comment-host";

export const MODES = ["update", "new", "hide-and-new", "skip-no-changes"] as const;
/**
 * `update`: the comment that is there, else a new one. `new`: always a new one. `hide-and-new`: a new one, and the
 * old ones fold up. `skip-no-changes`: as `update`, but the first comment waits for the first change.
 */
export type Mode = (typeof MODES)[number];

export interface Posted {
  done: "created" | "updated" | "unchanged" | "skipped";
  /** Who else has written a comment that begins as the report does: anybody can, so it is left alone. */
  strangers: string[];
}

export interface Report {
  /** Begins with the marker, which is its first line. */
  body: string;
  hasChanges: boolean;
}

export async function postComment(host: CommentHost, report: Report, mode: Mode): Promise<Posted> {
  if (mode === "new") return { done: await created(host, report.body), strangers: [] };
  const marker = firstLine(report.body);
  const marked: Comment[] = [];
  for await (const comment of host.comments()) if (firstLine(comment.body) === marker) marked.push(comment);
  const isOwn = marked.length > 0 ? await host.ownership() : () => false;
  const own = marked.filter(({ author }) => isOwn(author));
  const others = marked.filter(({ author }) => !isOwn(author)).map(({ author }) => author.name);
  const done = await (mode === "hide-and-new"
    ? replaced(host, report, own)
    : updated(host, report, own, mode));
  return { done, strangers: [...new Set(others)] };
}

async function replaced(host: CommentHost, { body }: Report, own: Comment[]): Promise<Posted["done"]> {
  for (const comment of own) await unlessGone(host.update(comment.id, folded(comment.body)));
  return created(host, body);
}

/** The newest that is still there; somebody may delete one at any time. */
async function updated(
  host: CommentHost,
  { body, hasChanges }: Report,
  own: Comment[],
  mode: Mode,
): Promise<Posted["done"]> {
  for (const { id, body: present } of own.reverse()) {
    if (normal(present) === normal(body)) return "unchanged";
    if (await unlessGone(host.update(id, body))) return "updated";
  }
  return mode === "skip-no-changes" && !hasChanges ? "skipped" : created(host, body);
}

async function created(host: CommentHost, body: string): Promise<"created"> {
  await host.create(body);
  return "created";
}

/** False when the comment no longer exists. */
async function unlessGone(update: Promise<void>): Promise<boolean> {
  try {
    await update;
    return true;
  } catch (error) {
    if (error instanceof CommentRefusal && error.gone) return false;
    throw error;
  }
}

/** Without the marker, so that it is not taken for the present one again. */
function folded(body: string): string {
  const [, ...rest] = normal(body).split("\n");
  return `<details><summary>An earlier report</summary>\n\n${rest.join("\n")}\n\n</details>\n`;
}

function firstLine(body: string): string {
  return normal(body).split("\n", 1)[0] ?? "";
}

/** Hosts give back other line ends than they got, and trim. */
function normal(body: string): string {
  return body.replaceAll("\r\n", "\n").trim();
}
