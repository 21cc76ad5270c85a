/** Changes of single settings in the text of an ini file: all else in it, comments too, stays as it is. */

/** A value that is undefined takes its setting out. */
export type IniChanges = Readonly<Record<string, string | undefined>>;

/** What a reader of such files would take for something else than a value. */
const UNWRITABLE = /[\r\n]|^\s|\s$|\s[;#]|^["']/;

/** The text with these settings in the section, which is added at the end where there is none. */
export function withIniSettings(text: string, section: string, changes: IniChanges): string {
  for (const [key, value] of Object.entries(changes))
    if (value !== undefined && UNWRITABLE.test(value))
      throw new Error(`The value of ${key} cannot be written into a file of settings.`);
  const end = /\r\n/.test(text) ? "\r\n" : "\n";
  const lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  const start = lines.findIndex(line => sectionOf(line) === section);
  const rest = new Map(Object.entries(changes));
  if (start < 0) {
    const added = settings(rest);
    if (added.length > 0) lines.push(...(lines.length > 0 ? [""] : []), `[${section}]`, ...added);
  } else {
    const next = lines.findIndex((line, n) => n > start && sectionOf(line) !== undefined);
    const changed = lines.slice(start + 1, next < 0 ? undefined : next).flatMap(line => {
      const key = keyOf(line);
      if (key === undefined || !Object.hasOwn(changes, key)) return [line];
      // A reader takes the first of several; those behind it would come back with the next change.
      const value = rest.get(key);
      rest.delete(key);
      return value === undefined ? [] : [`${key}=${value}`];
    });
    const blank: string[] = [];
    while (changed.at(-1)?.trim() === "") blank.push(...changed.splice(-1));
    changed.push(...settings(rest), ...blank);
    lines.splice(start + 1, (next < 0 ? lines.length : next) - start - 1, ...changed);
  }
  return lines.length === 0 ? "" : lines.join(end) + end;
}

function settings(values: ReadonlyMap<string, string | undefined>): string[] {
  return [...values].flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}

function sectionOf(line: string): string | undefined {
  return /^\ufeff?\s*\[([^\]]+)\]/.exec(line)?.[1];
}

function keyOf(line: string): string | undefined {
  return /^\s*([\w.-]+)\s*[=:]/.exec(line)?.[1]?.toLowerCase();
}
