/** One journal on disk: what is appended is there and synced, or nothing of it is. */
import { type FileHandle, open, rm } from "node:fs/promises";
import { createWhole, FORMAT, journalFile, syncFolder } from "./files";
import { encodeLine } from "./lines";
import type { JournalHeader } from "./recovery";

/** Nobody knows what is on disk now. */
export class UnsureError extends Error {}

export class JournalFile {
  private constructor(
    readonly generation: number,
    private readonly handle: FileHandle,
    /** Where the next line goes: everything before is synced. */
    public length: number,
  ) {}

  /** Begins it after this change. */
  static async create(folder: string, generation: number, after: number): Promise<JournalFile> {
    const header = encodeLine({ format: FORMAT, after } satisfies JournalHeader);
    const file = journalFile(folder, generation);
    try {
      const handle = await createWhole(folder, file, [header]);
      return new JournalFile(generation, handle, Buffer.byteLength(header));
    } catch (error) {
      await withdraw(folder, file);
      throw error;
    }
  }

  /** Goes on with one that has been read to its end. */
  static async reopen(folder: string, generation: number): Promise<JournalFile> {
    const handle = await open(journalFile(folder, generation), "r+");
    return new JournalFile(generation, handle, (await handle.stat()).size);
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.handle.write(
          bytes,
          done,
          bytes.length - done,
          this.length + done,
        );
        done += bytesWritten;
      }
    } catch (error) {
      // Part of it may be there: without this, the next change would be written behind a torn line.
      await this.handle.truncate(this.length).catch(unsure);
      throw error;
    }
    await this.handle.datasync().catch(unsure);
    this.length += bytes.length;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** A journal that could not be begun must not be found later: the one before goes on. */
async function withdraw(folder: string, file: string): Promise<void> {
  try {
    await rm(file, { force: true });
    await syncFolder(folder);
  } catch (error) {
    unsure(error as Error);
  }
}

function unsure(cause: Error): never {
  throw new UnsureError(cause.message, { cause });
}
