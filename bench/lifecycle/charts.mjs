/** Three small charts in one SVG: seconds, requests and bytes of state against the number of applications. */
import { median } from "./statistics.mjs";

/** @typedef {import("./measure.mjs").Sample} Sample */
/** @typedef {{ name: string, colour: string, dash: string, points: [number, number][] }} Series */

const [WIDTH, HEIGHT, GAP] = [300, 220, 40];
const [LEFT, TOP, BOTTOM, RIGHT] = [48, 34, 30, 16];
/** About as wide as one of the legend, in the widest of the usual fonts. */
const CHARACTER = 7;
/** Told apart by those who see fewer colours, too, and readable on white and on black. */
const STYLES = {
  ours: ["#1f77d0", "", "pulumi-tutum"],
  "ours, fewer checkpoints": ["#1f77d0", "5 4", "with fewer checkpoints"],
  documented: ["#d9730d", "", "as Pulumi's documentation shows it"],
  "documented, fewer checkpoints": ["#d9730d", "5 4", "with fewer checkpoints"],
  floor: ["#808890", "2 3", "Pulumi alone"],
};
const GREY = "#808890";

/** @param {Sample[]} samples of the scenarios that differ in N only */
export function charts(samples) {
  const up = samples.filter(({ operation }) => operation === "create");
  const panels = [
    panel("up, seconds", up, ({ wallMs }) => wallMs / 1_000),
    panel("up, requests", up, ({ requests }) => Object.values(requests).reduce((sum, n) => sum + n, 0)),
    panel("state, MB", up, ({ stateBytes }) => stateBytes / 1e6),
  ];
  const names = Object.entries(STYLES).filter(([name]) => up.some(({ contender }) => contender === name));
  let end = LEFT;
  const legend = names.map(([, [colour, dash, label = ""]]) => {
    const x = end;
    end += 50 + CHARACTER * label.length;
    return (
      `<line x1="${x}" x2="${x + 24}" y1="12" y2="12" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>` +
      `<text x="${x + 30}" y="16">${label}</text>`
    );
  });
  const [width, height] = [3 * WIDTH + 2 * GAP + RIGHT, HEIGHT + 30];
  const placed = panels.map(
    (svg, index) => `<g transform="translate(${index * (WIDTH + GAP)} 30)">\n${svg}\n</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="${GREY}">
<title>Seconds, requests and state of an up against the number of applications</title>
${[...legend, ...placed].join("\n")}
</svg>
`;
}

/**
 * @param {string} title
 * @param {Sample[]} samples
 * @param {(sample: Sample) => number} pick
 */
function panel(title, samples, pick) {
  const series = Object.entries(STYLES).map(([name, [colour = "", dash = ""]]) => {
    const own = samples.filter(({ contender }) => contender === name);
    const sizes = [...new Set(own.map(({ n }) => n))].sort((a, b) => a - b);
    /** @type {[number, number][]} */
    const points = sizes.map(n => [n, median(own.filter(each => each.n === n).map(pick))]);
    return { name, colour, dash, points };
  });
  const all = series.flatMap(({ points }) => points);
  const most = { x: Math.max(...all.map(([x]) => x)), y: rounded(Math.max(...all.map(([, y]) => y))) };
  const x = (/** @type {number} */ value) => LEFT + ((WIDTH - LEFT) * value) / most.x;
  const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / most.y;
  const lines = [0, 0.25, 0.5, 0.75, 1].map(share => {
    const at = y(share * most.y);
    const label = Number((share * most.y).toPrecision(3));
    return (
      `<line x1="${LEFT}" x2="${WIDTH}" y1="${at}" y2="${at}" stroke="${GREY}" stroke-opacity="0.3"/>` +
      `<text x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${label}</text>`
    );
  });
  const ticks = [...new Set(all.map(([n]) => n))].filter(n => n >= most.x / 12);
  const numbers = ticks.map(n => `<text x="${x(n)}" y="${HEIGHT - 10}" text-anchor="middle">${n}</text>`);
  const drawn = series
    .filter(({ points }) => points.length > 0)
    .map(({ colour, dash, points }) => {
      const path = points.map(([n, value]) => `${x(n).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`;
    });
  return [
    `<text x="${LEFT}" y="${TOP - 14}" font-weight="bold">${title}</text>`,
    ...lines,
    ...numbers,
    ...drawn,
  ].join("\n");
}

/** Up to a number that a quarter of reads well. @param {number} value */
function rounded(value) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return ([1, 2, 4, 6, 8, 10].find(step => step * unit >= value) ?? 10) * unit;
}
