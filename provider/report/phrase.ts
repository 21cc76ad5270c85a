/** A sentence in which what came from elsewhere is told apart, so that every format can mark and escape it. */
export type Phrase = readonly (string | { readonly code: string })[];

/** Everything interpolated is `code`, but for phrases: say`replaced because ${property} changed`. */
export function say(texts: TemplateStringsArray, ...inserted: (string | number | Phrase)[]): Phrase {
  return texts.flatMap((text, index) => {
    const value = inserted[index];
    const end = value === undefined ? [] : isPhrase(value) ? value : [{ code: String(value) }];
    return text === "" ? end : [text, ...end];
  });
}

export function join(phrases: readonly Phrase[], separator: string): Phrase {
  return phrases.flatMap((phrase, index) => (index === 0 ? phrase : [separator, ...phrase]));
}

/** `a`, `a and b`, `a, b and c`. */
export function list(phrases: readonly Phrase[]): Phrase {
  return phrases.flatMap((phrase, index) => {
    const separator = index === 0 ? [] : [index === phrases.length - 1 ? " and " : ", "];
    return [...separator, ...phrase];
  });
}

/** At most `limit` of them by name. */
export function names(all: readonly string[], limit = 6): Phrase {
  const shown = all.length > limit ? all.slice(0, limit - 1) : all;
  const rest = all.length - shown.length;
  return list([...shown.map(name => say`${name}`), ...(rest > 0 ? [[`${rest} more`]] : [])]);
}

/** `1 container`, `2 containers`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** With nothing marked. */
export function plain(phrase: Phrase): string {
  return phrase.map(part => (typeof part === "string" ? part : part.code)).join("");
}

function isPhrase(value: string | number | Phrase): value is Phrase {
  return typeof value === "object";
}
