import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const CASES = join(__dirname, "cases");

/** What variables of the cases' files are looked up in. */
export const ENVIRONMENT = {
  MODE: "fast mode",
  HOST: "shop.example.com",
  EMPTY: "",
  DB_PASSWORD: "canary-of-the-environment",
  REDIS_PASSWORD: "canary-of-redis",
};

/** The stack files of the folder, by name. */
export function cases(): string[] {
  return readdirSync(CASES).filter(name => name.endsWith(".yml"));
}

/** The text is what the file beside the case says; with `REWRITE_CASES=1` the file is written anew, to be reviewed. */
export function expectFile(name: string, text: string): void {
  const file = join(CASES, name);
  if (process.env.REWRITE_CASES === "1") writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : undefined);
}

/** As `expectFile`, whatever way the file is laid out. */
export function expectJson(name: string, value: unknown): void {
  const file = join(CASES, name);
  if (process.env.REWRITE_CASES === "1") writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
  expect(value).toEqual(existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);
}
