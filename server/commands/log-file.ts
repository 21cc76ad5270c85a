/**
 * `server.log`: written at once, put aside when it has grown (`server.log.1` is the newest of those), and never the
 * reason for anything else to fail: on a full disk lines are dropped, counted, and told when there is room again.
 * pino's own destination throws then, pino-roll gives the present file another name with each turn, and
 * rotating-file-stream ends with the first error.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, statSync, writeSync } from "node:fs";

export interface LogLimits {
  /** A file longer than this is put aside. */
  bytes: number;
  /** So many are kept, the present one included. */
  files: number;
}

export const LOG_LIMITS: LogLimits = { bytes: 10 * 1024 * 1024, files: 5 };

export class LogFile {
  private open: { handle: number; size: number } | undefined;
  private dropped = 0;

  /** `complain` is called once when lines begin to be dropped. */
  constructor(
    private readonly file: string,
    private readonly complain: (problem: string) => void,
    private readonly limits = LOG_LIMITS,
  ) {
    this.write("");
  }

  write(line: string): void {
    try {
      this.append(this.dropped === 0 ? line : this.gap() + line);
      this.dropped = 0;
    } catch (error) {
      if (this.dropped++ > 0) return;
      this.complain(`cannot write ${this.file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private append(text: string): void {
    const { handle, size } = this.opened();
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
    } catch (error) {
      // No half of a line.
      ftruncateSync(handle, size);
      throw error;
    }
    this.open = { handle, size: size + bytes.length };
  }

  private opened(): { handle: number; size: number } {
    if (this.open && this.open.size < this.limits.bytes) return this.open;
    if (this.open) closeSync(this.open.handle);
    this.open = undefined;
    if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) >= this.limits.bytes) this.putAside();
    const handle = openSync(this.file, "a", 0o600);
    this.open = { handle, size: fstatSync(handle).size };
    return this.open;
  }

  /** The oldest goes. */
  private putAside(): void {
    const name = (age: number) => (age === 0 ? this.file : `${this.file}.${age}`);
    for (let age = this.limits.files - 1; age > 0; age--) {
      if (statSync(name(age - 1), { throwIfNoEntry: false })) renameSync(name(age - 1), name(age));
    }
  }

  private gap(): string {
    const about = { level: 40, time: Date.now(), pid: process.pid, dropped: this.dropped };
    return `${JSON.stringify({ ...about, msg: "lines were dropped: the log could not be written" })}\n`;
  }
}
