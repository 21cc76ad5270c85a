import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Masking, type Preview, type Report, readPreviews, reportOf } from "../../provider/report";

export const PREVIEWS = join(__dirname, "previews");

/** Names of the recordings. */
export const RECORDINGS = readdirSync(PREVIEWS)
  .filter(file => file.endsWith(".json"))
  .map(file => file.slice(0, -".json".length));

/** What the CLI printed: the digest, or with `.events.jsonl` the event log. */
export function recording(name: string, ending = ".json"): string {
  return readFileSync(join(PREVIEWS, name + ending), "utf8");
}

export function previews(...names: string[]): Preview[] {
  return names.flatMap(name => readPreviews(recording(name), `${name}.json`));
}

export function recordedReport(name: string, masking?: Masking): Report {
  return reportOf(previews(name), masking);
}

/** The same preview of another stack. */
export function renamed(name: string, stack: string): Preview[] {
  return readPreviews(
    recording(name).replaceAll("urn:pulumi:prod::", `urn:pulumi:${stack}::`),
    `${stack}.json`,
  );
}
