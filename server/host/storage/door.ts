/**
 * A socket in the folder on which the holder of its lock listens. Whether somebody listens is known to the kernel,
 * however the holder ended, and in every container of the machine: neither pids nor networks come into it.
 */
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { codeOf } from "./disk-errors";

export interface Door {
  close(): void;
}

/** `listening`: also when the holder is stopped. `deserted`: the socket is there and nobody's. */
export type Knock = "listening" | "deserted" | "absent";

/** The longest path that fits everywhere; the kernel's own limit is 108 bytes on Linux, 104 elsewhere. */
const MAX_PATH = 100;

export const doorFile = (folder: string, token: string) => join(folder, `lock-${token}.sock`);

/** The tokens of the sockets that a folder's files belong to. */
export function doorTokens(names: readonly string[]): string[] {
  return names.flatMap(name => /^lock-([0-9a-f]+)\.sock$/.exec(name)?.[1] ?? []);
}

/** Undefined where the file system has no sockets. */
export function openDoor(folder: string, token: string): Promise<Door | undefined> {
  const { path, done } = reachable(folder, token);
  const visitors = new Set<Socket>();
  const server = createServer(visitor => {
    visitors.add(visitor);
    // They only wait for the end of this process.
    visitor.unref().resume();
    visitor.on("error", () => visitor.destroy()).on("close", () => visitors.delete(visitor));
  });
  server.unref();
  return new Promise(resolve => {
    server.once("error", () => {
      done();
      resolve(undefined);
    });
    server.listen(path, () => {
      server.on("error", () => {});
      resolve({
        close() {
          server.close();
          rmSync(doorFile(folder, token), { force: true });
          done();
        },
      });
    });
  });
}

export async function knock(folder: string, token: string): Promise<Knock> {
  const found = await visit(folder, token);
  if (typeof found === "string") return found;
  found.destroy();
  return "listening";
}

/** For who wants to know when the process that listens ends: to be called while it is sure to listen. */
export interface Watch {
  ended: Promise<void>;
  leave(): void;
}

export async function watch(folder: string, token: string): Promise<Watch | undefined> {
  const found = await visit(folder, token);
  if (typeof found === "string") return undefined;
  // It keeps nobody from ending: whoever waits has a deadline, which does.
  found.unref();
  const leave = () => void found.destroy();
  const ended = new Promise<void>(resolve => {
    found.resume().on("error", leave).on("end", leave).on("close", resolve);
  });
  return { ended, leave };
}

function visit(folder: string, token: string): Promise<Socket | Knock> {
  const { path, done } = reachable(folder, token);
  return new Promise(resolve => {
    const socket = connect(path);
    socket.once("connect", () => {
      done();
      resolve(socket);
    });
    socket.once("error", error => {
      done();
      const code = codeOf(error);
      if (code === "ECONNREFUSED") resolve("deserted");
      // Whatever else hinders us (another user's, too many visitors) says that it is somebody's.
      else resolve(code === "ENOENT" || code === "ENOTSOCK" || code === "EINVAL" ? "absent" : "listening");
    });
  });
}

/** A path short enough for a socket's address; `done` when it is no longer needed. */
function reachable(folder: string, token: string): { path: string; done: () => void } {
  const path = doorFile(folder, token);
  if (Buffer.byteLength(path) <= MAX_PATH || !existsSync("/proc/self/fd")) return { path, done: () => {} };
  const handle = openSync(folder, "r");
  let open = true;
  return {
    path: `/proc/self/fd/${handle}/lock-${token}.sock`,
    done() {
      if (open) closeSync(handle);
      open = false;
    },
  };
}
