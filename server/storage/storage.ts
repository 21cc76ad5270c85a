/** Where changes are kept. A change counts when `append` resolves; when it rejects, nothing of it was kept. */
import type { ApplicationRecord, ContainerRecord } from "../model/records";
import type { Change } from "../model/transaction";

export interface StoredState {
  applications: Iterable<ApplicationRecord>;
  containers: Iterable<ContainerRecord>;
}

export interface Storage {
  append(change: Change): Promise<void>;
  /** `rollback` is called before any waiting `append` rejects: they all failed, and so must what they changed. */
  onFailure(rollback: () => void): void;
  /** Called to write down the whole state when the log has grown: the state after the last appended change. */
  onSnapshot(take: () => StoredState): void;
  close(): Promise<void>;
}

/** For a server that forgets everything when it ends. */
export const forgetfulStorage: Storage = {
  append: async () => {},
  onFailure: () => {},
  onSnapshot: () => {},
  close: async () => {},
};
