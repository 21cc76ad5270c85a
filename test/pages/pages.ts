/** The pages of this repository, and all else that tells people what to type. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");

export interface Page {
  /** Relative to the repository. */
  file: string;
  text: string;
}

const LEFT_OUT = ["node_modules", "dist", ".local", ".git"];

/** Files below these folders or files whose names end so. */
export function filesOf(places: readonly string[], ...endings: string[]): Page[] {
  return places
    .flatMap(place => (endings.some(ending => place.endsWith(ending)) ? [place] : below(place)))
    .filter(file => endings.some(ending => file.endsWith(ending)))
    .sort()
    .map(file => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));
}

/** What people read. */
export function pages(): Page[] {
  const documents = ["README.md", "CHANGELOG.md", "UPGRADING.md", "docs", "examples", "provider", "server"];
  return filesOf(documents, ".md");
}

function below(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap(entry => {
    if (LEFT_OUT.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? below(path) : [path];
  });
}
