/** What is measured: quick in minutes, full in hours. */

const FEWER_CHECKPOINTS = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** Each with the program that declares, and the environment of its runs. */
export const CONTENDERS = {
  ours: { program: "ours", env: {} },
  "ours, fewer checkpoints": { program: "ours", env: FEWER_CHECKPOINTS },
  // As `pulumi new typescript` sets it up: types are checked at every run.
  "ours, types checked": { program: "ours", env: { PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.default.json" } },
  documented: { program: "documented", env: {} },
  "documented, fewer checkpoints": { program: "documented", env: FEWER_CHECKPOINTS },
  floor: { program: "floor", env: {} },
  empty: { program: "empty", env: {} },
};

/** @typedef {keyof typeof CONTENDERS} Contender */
/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {Contender[]} contenders
 * @property {"independent" | "chain" | "star" | "tiers"} shape
 * @property {number} n applications
 * @property {number} startMs what a simulated container takes to start
 * @property {number} latencyMs added to every answer of the server
 * @property {number | undefined} parallel undefined: Pulumi's default
 * @property {number} repetitions
 * @property {boolean} chart whether the charts are drawn from it
 */

/** @type {Contender[]} */
const ALL = ["ours", "documented", "floor", "empty"];
/** @type {Contender[]} */
const WITH_RECIPE = ["ours", "ours, fewer checkpoints", "documented", "documented, fewer checkpoints"];
/** @type {Contender[]} */
const OURS_AND_DOCUMENTED = ["ours", "documented"];

/** @param {Partial<Scenario>} given @returns {Scenario} */
function scenario(given) {
  const { shape = "independent", n = 1, startMs = 0, latencyMs = 0, parallel } = given;
  const parts = [
    `${n} ${shape}`,
    `start ${startMs / 1000} s`,
    ...(latencyMs ? [`latency ${latencyMs} ms`] : []),
    ...(parallel ? [`--parallel ${parallel}`] : []),
  ];
  return {
    name: parts.join(", "),
    contenders: ALL,
    repetitions: 3,
    chart: false,
    shape,
    n,
    startMs,
    latencyMs,
    parallel,
    ...given,
  };
}

/** As examples/linked-apps, with the example's settings of the compiler and with those that Pulumi makes. */
const LINKED = scenario({ n: 2, shape: "chain", contenders: ["ours", "ours, types checked"] });

/** Those that the charts are drawn from: they differ in the number of applications only. */
const GROWING = { contenders: [...WITH_RECIPE, /** @type {const} */ ("floor")], chart: true };

/** What the README shows. */
export const QUICK = [
  LINKED,
  scenario({ n: 1 }),
  scenario({ n: 50, repetitions: 2, ...GROWING }),
  scenario({ n: 200, repetitions: 1, ...GROWING }),
  scenario({ n: 500, repetitions: 1, ...GROWING }),
];

export const FULL = [
  LINKED,
  scenario({ n: 1, repetitions: 5 }),
  ...[50, 200, 500, 1_000].map(n => scenario({ n, repetitions: n > 200 ? 1 : 5, ...GROWING })),
  ...["chain", "star", "tiers"].map(shape =>
    scenario({ n: 50, shape: /** @type {Scenario["shape"]} */ (shape), contenders: OURS_AND_DOCUMENTED }),
  ),
  scenario({ n: 50, latencyMs: 20, contenders: OURS_AND_DOCUMENTED }),
  scenario({ n: 200, startMs: 2_000, contenders: OURS_AND_DOCUMENTED }),
  scenario({ n: 200, startMs: 2_000, parallel: 256, contenders: OURS_AND_DOCUMENTED }),
  scenario({ n: 500, startMs: 20_000, parallel: 256, repetitions: 1, contenders: WITH_RECIPE }),
];
