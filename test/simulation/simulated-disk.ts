/**
 * A disk in memory that forgets what was not synced when the power fails: the functions of `node:fs/promises` that
 * the server's storage uses, under paths `/disk-<n>.<boot>/…` (see `load.cjs`). Each boot has a path of its own, so
 * that what a dead server had still meant to do is not done.
 */
import { basename } from "node:path";
import type { Chance } from "./chance";

interface File {
  written: Buffer;
  /** What a power failure leaves of it for certain. */
  synced: Buffer;
}

let made = 0;

export class SimulatedDisk {
  readonly #number = ++made;
  /** Grows with every crash: whoever opened a file before is dead, and does nothing any more. */
  boots = 0;
  files = new Map<string, File>();
  /** The names as the folder was last synced. */
  #synced = new Map<string, File>();

  constructor() {
    disks.set(this.#number, this);
  }

  /** For the server of this boot. */
  get folder(): string {
    return `/disk-${this.#number}.${this.boots}`;
  }

  syncFolder(): void {
    this.#synced = new Map(this.files);
  }

  /** The process is gone; what it wrote is still there. */
  kill(): void {
    this.boots++;
  }

  /** What was not synced is there in part, or not at all. */
  losePower(chance: Chance): void {
    this.boots++;
    if (chance() < 0.5) this.files = new Map(this.#synced);
    for (const file of this.files.values()) {
      const more = file.written.subarray(file.synced.length);
      const kept = more.subarray(0, Math.floor(chance() * (more.length + 1)));
      file.written = Buffer.concat([file.synced, chance() < 0.5 ? kept : Buffer.alloc(0)]);
      file.synced = file.written;
    }
    this.syncFolder();
  }

  remove(): void {
    disks.delete(this.#number);
  }
}

const disks = new Map<number, SimulatedDisk>();

export async function open(path: string, flags: string): Promise<Handle | FolderHandle> {
  const { disk, name } = await at(path);
  if (name === "") return new FolderHandle(disk);
  let file = disk.files.get(name);
  if (flags === "w") {
    file = { written: Buffer.alloc(0), synced: Buffer.alloc(0) };
    disk.files.set(name, file);
  }
  if (!file) throw missing(path);
  return new Handle(disk, file);
}

export async function readdir(path: string): Promise<string[]> {
  return [...(await at(path)).disk.files.keys()];
}

export async function readFile(path: string): Promise<Buffer> {
  const { disk, name } = await at(path);
  const file = disk.files.get(name);
  if (!file) throw missing(path);
  return Buffer.from(file.written);
}

export async function rename(from: string, to: string): Promise<void> {
  const { disk, name } = await at(from);
  const file = disk.files.get(name);
  if (!file) throw missing(from);
  disk.files.delete(name);
  disk.files.set(basename(to), file);
}

export async function rm(path: string): Promise<void> {
  const { disk, name } = await at(path);
  disk.files.delete(name);
}

class Handle {
  readonly #boot: number;

  constructor(
    private readonly disk: SimulatedDisk,
    private readonly file: File,
  ) {
    this.#boot = disk.boots;
  }

  async write(
    bytes: Buffer,
    from: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }> {
    await this.#living();
    const { written } = this.file;
    const before = written.subarray(0, position);
    const after = written.subarray(position + length);
    this.file.written = Buffer.concat([before, bytes.subarray(from, from + length), after]);
    return { bytesWritten: length };
  }

  async writeFile(text: string): Promise<void> {
    await this.#living();
    this.file.written = Buffer.concat([this.file.written, Buffer.from(text)]);
  }

  async sync(): Promise<void> {
    await this.#living();
    this.file.synced = this.file.written;
  }

  datasync(): Promise<void> {
    return this.sync();
  }

  async truncate(length: number): Promise<void> {
    await this.#living();
    this.file.written = this.file.written.subarray(0, length);
  }

  async stat(): Promise<{ size: number }> {
    return { size: this.file.written.length };
  }

  async close(): Promise<void> {}

  /** A dead process waits for ever. */
  async #living(): Promise<void> {
    if (this.#boot !== this.disk.boots) await new Promise(() => undefined);
  }
}

class FolderHandle {
  readonly #boot: number;

  constructor(private readonly disk: SimulatedDisk) {
    this.#boot = disk.boots;
  }

  async sync(): Promise<void> {
    if (this.#boot !== this.disk.boots) await new Promise(() => undefined);
    this.disk.syncFolder();
  }

  async close(): Promise<void> {}
}

/** A dead process waits for ever. */
async function at(path: string): Promise<{ disk: SimulatedDisk; name: string }> {
  const [, number, boot, name = ""] = /^\/disk-(\d+)\.(\d+)(?:\/(.*))?$/.exec(path) ?? [];
  const disk = disks.get(Number(number));
  if (!disk) throw missing(path);
  if (disk.boots !== Number(boot)) await new Promise(() => undefined);
  return { disk, name };
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
}
