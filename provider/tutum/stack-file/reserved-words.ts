/** Words that no variable of a TypeScript module can have as its name (ECMAScript, "Reserved Words", in strict mode). */
const RESERVED_WORDS = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

export function isReservedWord(word: string): boolean {
  return RESERVED_WORDS.has(word);
}
