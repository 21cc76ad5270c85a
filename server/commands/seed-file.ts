/** `--seed file.json`: what `operations/seed.ts` describes, from a file. */
import { readFileSync } from "node:fs";
import type { Seed } from "../apis/tutum/operations/seed";
import { UserError } from "../host/errors";

/** The server checks what it says. */
export function readSeedFile(file: string): Seed {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`cannot read the seed ${file}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`the seed ${file} is not JSON: ${(error as Error).message}`);
  }
}

/** The server's answer to a seed it does not accept, one line for each thing that is wrong. */
export function seedRefused(file: string, answer: unknown): UserError {
  return new UserError(
    [`the seed ${file} is not acceptable:`, ...lines(answer, "").map(line => `  ${line}`)].join("\n"),
  );
}

/** `{"seed": {"web": {"image": ["..."]}}}` -> `web: image: ...`. */
function lines(value: unknown, path: string): string[] {
  if (typeof value === "string") return [`${path}${value}`];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const silent = Array.isArray(value) || key === "seed" || key === "error";
    return lines(inner, silent ? path : `${path}${key}: `);
  });
}
