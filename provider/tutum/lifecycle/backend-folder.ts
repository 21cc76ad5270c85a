/** What the states in a backend say that is a folder of this machine. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { homeOf } from "../../settings/home";

/**
 * Those of these ids that no state in the backend's folder has: an id is never encrypted. None when the backend is
 * elsewhere. Throws when there is no such folder, or a state in it cannot be read.
 */
export function missingIn(backendUrl: string, ids: string[]): string[] {
  const folder = folderOf(backendUrl);
  if (folder === undefined || ids.length === 0) return [];
  const states = statesIn(join(folder, ".pulumi", "stacks"));
  // Of a folder without any state it is not known that this is where they are.
  return states.length === 0 ? [] : ids.filter(id => !states.some(state => state.includes(id)));
}

/** Undefined also for an address with options: they may say that it is elsewhere. */
function folderOf(url: string): string | undefined {
  const [, path] = /^file:\/\/([/~][^?]*)$/.exec(url) ?? [];
  return path?.replace(/^~(?=\/|$)/, homeOf() ?? "~");
}

function statesIn(folder: string): Buffer[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  // What is behind a link was not looked at.
  if (entries.some(entry => !entry.isFile() && !entry.isDirectory())) throw new Error(`${folder} has links`);
  const files = entries.filter(entry => entry.isFile());
  return files.map(({ name, parentPath, path }) => {
    const bytes = readFileSync(join(parentPath ?? path, name));
    return name.endsWith(".gz") || name.includes(".gz.") ? gunzipSync(bytes) : bytes;
  });
}
