/** Where a server and its proxy meet: a socket in the data folder, which only its owner can open. */
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../../host/errors";

/** What `sockaddr_un` holds on every system, without its end. */
const LONGEST_PATH = 100;

/** The same for the same folder; a socket's path has to be short. */
export function socketOf(dataDir: string): string {
  const inside = join(dataDir, "proxy.sock");
  if (Buffer.byteLength(inside) <= LONGEST_PATH) return inside;
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  return join(tmpdir(), `tutum-server-${process.getuid?.() ?? "user"}-${name}`, "proxy.sock");
}

/** Makes its folder, unless it is there; one that others could write to is refused. */
export function prepareMeeting(socket: string, dataDir: string): void {
  const folder = dirname(socket);
  if (folder === dataDir) return;
  mkdirSync(folder, { mode: 0o700, recursive: true });
  const { uid, mode } = lstatSync(folder);
  const isPrivate = lstatSync(folder).isDirectory() && (mode & 0o077) === 0;
  if (!isPrivate || (process.getuid && uid !== process.getuid()))
    throw new UserError(
      `${folder} is not a folder of this user alone: remove it, or choose a shorter data folder`,
    );
}

/** For a proxy that nobody else has to find: `forget` it when it was met. */
export function secretMeeting(): { socket: string; forget(): void } {
  const folder = mkdtempSync(join(tmpdir(), "tutum-proxy-"));
  return {
    socket: join(folder, "proxy.sock"),
    forget: () => rmSync(folder, { recursive: true, force: true }),
  };
}
