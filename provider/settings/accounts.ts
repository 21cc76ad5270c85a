/** What a program has of several accounts, by their names; undefined is the default one. */
import { isRecord, jsonOf } from "../http/json";

/** One of each account, made when it is first asked for. What cannot be made is tried again. */
export function perAccount<T>(make: (account: string | undefined) => T): (account: string | undefined) => T {
  const made = new Map<string | undefined, T>();
  return account => {
    const one = made.get(account) ?? make(account);
    made.set(account, one);
    return one;
  };
}

/** Settings of one account, by name. */
export type Account = Readonly<Record<string, string>>;

/**
 * Accounts as stack configuration has them: JSON, `{ "staging": { "user": "…" } }`. Each setting is optional and a
 * string. Undefined when the text is anything else, or has a setting of another name.
 */
export function accountsIn(
  text: string,
  settings: readonly string[],
): ReadonlyMap<string, Account> | undefined {
  const isAccount = (value: unknown): value is Account =>
    isRecord(value) &&
    Object.entries(value).every(([name, setting]) => settings.includes(name) && typeof setting === "string");
  const accounts = jsonOf(text);
  if (!isRecord(accounts)) return undefined;
  const wellFormed = new Map<string, Account>();
  for (const [name, account] of Object.entries(accounts)) {
    if (!isAccount(account)) return undefined;
    wellFormed.set(name, account);
  }
  return wellFormed;
}

/** What is true of all that an account has is explained once; after that its beginning is enough. */
export class Explanations {
  readonly #given = new Set<string>();

  of(message: string): string {
    if (this.#given.has(message)) return `${message.split(/[.:,] /)[0]}: see the first error.`;
    this.#given.add(message);
    return message;
  }
}
