/**
 * Who holds a folder's lock, in a text short enough for a symbolic link: on a full disk there is room for that.
 * `<pid>.<start>.<kernel>.<pid namespace>.<token>`; the token names the socket on which the holder listens.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "./disk-errors";

export interface Holder {
  pid: number;
  /** Tells a process from a later one with the same pid. */
  started: string;
  /** The rest is missing where the first version wrote it. */
  kernel?: string;
  namespace?: string;
  token?: string;
}

export function thisProcess(): Required<Holder> {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? "",
    kernel: thisKernel(),
    namespace: thisNamespace(),
    token: randomBytes(4).toString("hex"),
  };
}

export function textOf({ pid, started, kernel, namespace, token }: Required<Holder>): string {
  return [pid, started, kernel, namespace, token].join(".");
}

/** Undefined when the lock was released, or is gone. */
export function readHolder(file: string): Holder | undefined {
  try {
    return holderIn(readlinkSync(file));
  } catch (error) {
    return codeOf(error) === "EINVAL" ? readFirstVersion(file) : undefined;
  }
}

/** In the words of the message that says who has the folder. */
export function nameOf(holder: Holder): string {
  if (holder.kernel === undefined || isOfThisNamespace(holder)) return `process ${holder.pid}`;
  const where = holder.kernel === thisKernel() ? "in another container" : "on another machine";
  return `process ${holder.pid} ${where}`;
}

export function isOfThisKernel({ kernel }: Holder): boolean {
  return kernel === undefined || kernel === thisKernel();
}

export function isOfThisNamespace(holder: Holder): boolean {
  return isOfThisKernel(holder) && (holder.namespace ?? thisNamespace()) === thisNamespace();
}

/** Its number and start say that it is the same process. Only for one of this namespace. */
export function isProcess({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  const now = startOf(pid);
  return now === undefined || now === started;
}

/** Copying a folder may have put a path in front. */
function holderIn(text: string): Holder | undefined {
  const [, pid, started, kernel, namespace, token] =
    /(\d+)\.(\w*)\.(\w+)\.(\w+)\.([0-9a-f]+)$/.exec(text) ?? [];
  if (pid === undefined || started === undefined) return undefined;
  return { pid: Number(pid), started, kernel, namespace, token };
}

/** A file with JSON; "released" when nobody had it. */
function readFirstVersion(file: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value)) return undefined;
    const { pid } = value;
    const started = "started" in value && typeof value.started === "string" ? value.started : "";
    return typeof pid === "number" && Number.isInteger(pid) && pid > 0 ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

/** When the process started, where the system tells (Linux); zombies count as ended. */
function startOf(pid: number): string | undefined {
  const stat = firstLine(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, and may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? "ended" : fields?.[19];
}

/** The same for all containers of a machine, another one after it has been started again. */
function thisKernel(): string {
  const boot = firstLine("/proc/sys/kernel/random/boot_id") ?? hostname();
  return createHash("sha256").update(boot).digest("hex").slice(0, 8);
}

function thisNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "") || "0";
  } catch {
    return "0";
  }
}

function firstLine(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
