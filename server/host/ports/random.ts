import { randomBytes, randomUUID } from "node:crypto";

/** Where identifiers and keys come from: injected, so that a simulation can repeat itself. */
export interface Random {
  uuid(): string;
  /** Hexadecimal text that nobody can guess. */
  token(): string;
}

export const systemRandom: Random = {
  uuid: () => randomUUID(),
  token: () => randomBytes(20).toString("hex"),
};
