/** One comment per report: found again by its first line, and updated. */
import { type Comment, type CommentHost, CommentRefusal } from "./comment-host";

export const MODES = ["update", "new", "hide-and-new", "skip-no-changes"] as const;
/**
 * `update`: the comment that is there, else a new one. `new`: always a new one. `hide-and-new`: a new one, and the
 * old ones fold up. `skip-no-changes`: as `update`, but the first comment waits for the first change.
 */
export type Mode = (typeof MODES)[number];

export type Posted = "created" | "updated" | "unchanged" | "skipped";

export interface Report {
  /** Begins with the marker, which is its first line. */
  body: string;
  hasChanges: boolean;
}

export async function postComment(
  host: CommentHost,
  { body, hasChanges }: Report,
  mode: Mode,
): Promise<Posted> {
  const marker = firstLine(body);
  if (mode === "new") return created(host, body);
  const own: Comment[] = [];
  for await (const comment of host.comments()) if (firstLine(comment.body) === marker) own.push(comment);
  if (mode === "hide-and-new") {
    for (const comment of own) await unlessGone(host.update(comment.id, folded(comment.body)));
    return created(host, body);
  }
  // The newest that is still there; somebody may delete one at any time.
  for (const { id, body: present } of own.reverse()) {
    if (normal(present) === normal(body)) return "unchanged";
    if (await unlessGone(host.update(id, body))) return "updated";
  }
  return mode === "skip-no-changes" && !hasChanges ? "skipped" : created(host, body);
}

async function created(host: CommentHost, body: string): Promise<Posted> {
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
