/** Text in HTML, also inside an attribute. Control characters have no place in either. */
export function escaped(text: string): string {
  return text
    .replace(/(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, " ")
    .replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`);
}
