/** The samples as Markdown tables: medians, and ratios of ours to the others from the same run. */
import { median, spread } from "./statistics.mjs";

/** @typedef {import("./measure.mjs").Sample} Sample */

const OPERATIONS = ["first preview", "create", "up, no change", "preview", "refresh", "patch", "destroy"];

/** @param {Sample[]} samples */
export function tables(samples) {
  return [...new Set(samples.map(({ scenario }) => scenario))]
    .map(name =>
      table(
        name,
        samples.filter(({ scenario }) => scenario === name),
      ),
    )
    .join("\n\n");
}

/** @param {string} name @param {Sample[]} samples */
function table(name, samples) {
  const contenders = [...new Set(samples.map(({ contender }) => contender))].sort();
  const rows = OPERATIONS.flatMap(operation =>
    contenders.flatMap(contender => {
      const own = samples.filter(each => each.contender === contender && each.operation === operation);
      const first = own[0];
      if (!first) return [];
      const of = (/** @type {(sample: Sample) => number} */ pick) => median(own.map(pick));
      const base = (/** @type {string} */ other, /** @type {(sample: Sample) => number} */ pick) => {
        const others = samples.filter(each => each.contender === other && each.operation === operation);
        return others.length > 0 && other !== contender
          ? (of(pick) / median(others.map(pick))).toFixed(2)
          : "";
      };
      const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(2);
      const requests = Object.values(first.requests).reduce((sum, count) => sum + count, 0);
      return [
        [
          operation,
          contender,
          `${seconds(of(sample => sample.wallMs))} ±${Math.round(100 * spread(own.map(({ wallMs }) => wallMs)))} %`,
          base("documented", ({ wallMs }) => wallMs),
          base("floor", ({ wallMs }) => wallMs),
          seconds(of(({ costs }) => costs.cli.cpuMs)),
          seconds(of(({ costs }) => costs.language.cpuMs)),
          seconds(of(({ costs }) => costs.provider.cpuMs)),
          Math.round(of(({ costs }) => costs.provider.peakBytes) / 2 ** 20),
          requests,
          Math.round(of(({ stateBytes }) => stateBytes) / 1024),
          first.overheadMs === undefined ? "" : Math.round(of(({ overheadMs }) => overheadMs ?? 0)),
        ],
      ];
    }),
  );
  const head = [
    ["operation", "contender", "s", "/ documented", "/ floor"],
    ["CPU s CLI", "program", "provider", "provider MB", "requests", "state KB", "overhead ms"],
  ].flat();
  return [
    `### ${name}`,
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows.map(row => `| ${row.join(" | ")} |`),
  ].join("\n");
}
