/** Where changes are kept. A change counts when `append` resolves; when it rejects, nothing of it was kept. */
import type { Change } from "./records";

/** For the control API's `ready` and `metrics`. */
export interface StorageStatus {
  /** Size of the present journal. */
  journalBytes: number;
  /** Since the start. */
  syncs: number;
  /** Writes that failed since the start. */
  failures: number;
  /** Why changes cannot be stored at present. */
  problem?: string;
}

/** A change that could not be stored: the status says whether trying again can help. */
export class StorageError extends Error {
  constructor(
    message: string,
    readonly statusCode: 503 | 507,
    /** No change will be stored any more, until the server starts again. */
    readonly isFinal = false,
  ) {
    super(message);
  }
}

/** Of one API. */
export interface Storage<Kept extends object> {
  append(change: Change<Kept>): Promise<void>;
  /** Like `append` of the whole state, and nothing that was stored before stays. */
  renew(): Promise<void>;
  /** `rollback` is called before any waiting `append` rejects: they all failed, and so must what they changed. */
  onFailure(rollback: () => void): void;
  status(): StorageStatus;
  /** Tries again, in little, what failed last: `status` tells. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** For a server that forgets everything when it ends. */
export const inMemoryStorage: Storage<object> = {
  append: async () => {},
  renew: async () => {},
  onFailure: () => {},
  status: () => ({ journalBytes: 0, syncs: 0, failures: 0 }),
  probe: async () => {},
  close: async () => {},
};
