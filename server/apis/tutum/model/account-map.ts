import type { AccountRecord } from "./account-records";

/** By id, oldest first; it knows what the answers among them weigh. */
export class AccountMap extends Map<string, AccountRecord> {
  private weight = 0;

  /** Bytes of all answers that are kept for those who ask again. */
  get answerBytes(): number {
    return this.weight;
  }

  override set(id: string, record: AccountRecord): this {
    this.weight += answerBytes(record) - answerBytes(this.get(id));
    return super.set(id, record);
  }

  override delete(id: string): boolean {
    this.weight -= answerBytes(this.get(id));
    return super.delete(id);
  }

  override clear(): void {
    this.weight = 0;
    super.clear();
  }
}

/** The first version kept answers as objects; what those weigh is forgotten within a day. */
export function answerBytes(record: AccountRecord | undefined): number {
  return record && "sealed" in record ? (record.sealed?.length ?? 0) : 0;
}
