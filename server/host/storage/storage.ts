/** Where changes are kept. A change counts when `append` resolves; when it rejects, nothing of it was kept. */
import type { AccountRecord } from "../../apis/tutum/model/account-records";
import type { ApplicationRecord, ContainerRecord } from "../../apis/tutum/model/records";
import type { Change } from "../../apis/tutum/model/transaction";

export interface StoredState {
  applications: Iterable<ApplicationRecord>;
  containers: Iterable<ContainerRecord>;
  account: Iterable<AccountRecord>;
}

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

export interface Storage {
  append(change: Change): Promise<void>;
  /** Like `append` of all that changed so far, and nothing that was stored before stays. */
  renew(): Promise<void>;
  /** `rollback` is called before any waiting `append` rejects: they all failed, and so must what they changed. */
  onFailure(rollback: () => void): void;
  /** Called to write down the whole state when the log has grown: the state after the last appended change. */
  onSnapshot(take: () => StoredState): void;
  status(): StorageStatus;
  /** Tries again, in little, what failed last: `status` tells. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** For a server that forgets everything when it ends. */
export const forgetfulStorage: Storage = {
  append: async () => {},
  renew: async () => {},
  onFailure: () => {},
  onSnapshot: () => {},
  status: () => ({ journalBytes: 0, syncs: 0, failures: 0 }),
  probe: async () => {},
  close: async () => {},
};
