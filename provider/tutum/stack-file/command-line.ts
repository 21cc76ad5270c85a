import type { Service } from "./service";
import { type Part, shellWord } from "./text";
import type { Value } from "./value";

/** A list becomes one command line, each word quoted where a shell needs it. */
export function commandLine(value: Value, service: Service): unknown {
  if (value.isNull) return undefined;
  const words = value.isList ? value.items().map(item => item.parts()) : [value.parts()];
  if (!words.every(parts => parts !== undefined)) return undefined;
  const parts = value.isList
    ? words.flatMap((word, n) => (n === 0 ? [quoted(word)] : [" ", quoted(word)]))
    : words.flat();
  if (parts.every(part => part === ""))
    return value.error("must not be empty: the image's own cannot be removed.");
  service.addText(words.map(word => value.guess(word)).join(" "), undefined, value);
  return value.text(parts);
}

function quoted(parts: readonly Part[]): Part {
  return parts.every(part => typeof part === "string") ? shellWord(parts.join("")) : { word: parts };
}
