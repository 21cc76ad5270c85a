// What a terminal shows, as an SVG with a background of its own: it reads the same on a light and on a dark page.

const CHARACTER = 8.4;
const LINE = 19;
const PADDING = 16;
/** Of the 256 colours those that Pulumi uses. */
const COLOURS = new Map([
  ["1", "#ff7b72"],
  ["2", "#7ee787"],
  ["3", "#e3b341"],
  ["13", "#d2a8ff"],
]);

/**
 * @param {string} shown with the terminal's codes for colours
 * @param {string} title for those who do not see the picture
 */
export function terminalSvg(shown, title) {
  const lines = shown
    .trimEnd()
    .replace(/\n{3,}/g, "\n\n")
    .split("\n")
    .map(pieces);
  const longest = Math.max(...lines.map(line => line.reduce((sum, { text }) => sum + [...text].length, 0)));
  const width = Math.ceil(longest * CHARACTER + 2 * PADDING);
  const height = lines.length * LINE + 2 * PADDING;
  const rows = lines.map((line, index) => {
    const spans = line.map(
      ({ text, bold, colour }) =>
        `<tspan${bold ? ' font-weight="bold"' : ""}${colour ? ` fill="${colour}"` : ""}>${escaped(text)}</tspan>`,
    );
    return `<text x="${PADDING}" y="${PADDING + 14 + index * LINE}" xml:space="preserve">${spans.join("")}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="#161b22"/>
<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3">
${rows.join("\n")}
</g>
</svg>
`;
}

/**
 * A line in pieces of one look each.
 * @param {string} line
 */
function pieces(line) {
  let bold = false;
  /** @type {string | undefined} */
  let colour;
  const found = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes begin with one
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    const code = /\[([\d;]*)m$/.exec(part)?.[1];
    if (!part.startsWith("\x1b")) {
      if (part !== "") found.push({ text: part, bold, colour });
    } else if (code === "0" || code === "") {
      bold = false;
      colour = undefined;
    } else if (code === "1") bold = true;
    else if (code?.startsWith("38;5;")) colour = COLOURS.get(code.slice("38;5;".length));
  }
  return found;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>]/g, character => `&#${character.charCodeAt(0)};`);
}
