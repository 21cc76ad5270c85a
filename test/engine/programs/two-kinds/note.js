// A kind of resource whose cloud is a folder: a note is a file in it, and is drying until the folder has a file `dry`.
const { existsSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");

/** @typedef {import("../../../../provider/resource/lifecycle/lifecycle").Operation} Operation */
/** @typedef {import("../../../../provider/resource/lifecycle/lifecycle").Lifecycle<Operation>} Lifecycle */
/** @typedef {import("../../../../provider/resource/table/diff").DiffEntry} DiffEntry */
/** @typedef {import("../../../../provider/resource/table/field").Values} Values */

const folder = process.env.NOTES ?? "";
/** The package that the application's provider is from, or another copy of it. */
const root = process.env.NOTE_PACKAGE ?? dirname(require.resolve("pulumi-tutum/package.json"));
const { dynamicProvider } = require(join(root, "dist/resource/dynamic/dynamic-provider.js"));
const { PartialFailure } = require(join(root, "dist/resource/lifecycle/failure.js"));

const fileOf = (/** @type {string} */ id) => join(folder, `${id}.json`);
/** @returns {Values} */
const outputsOf = (/** @type {string} */ id) => JSON.parse(readFileSync(fileOf(id), "utf8"));
/** @param {string} id @param {Values} inputs */
const write = (id, { name, text, paper }) => writeFileSync(fileOf(id), JSON.stringify({ name, text, paper }));

/** Returns when it is dry. Cut short, the note stays. @param {Operation} context @param {string} id */
async function dried({ signal, report }, id) {
  try {
    report(`${id} is drying`);
    while (!existsSync(join(folder, "dry"))) await sleep(10, undefined, { signal });
    return outputsOf(id);
  } catch (error) {
    throw new PartialFailure(id, outputsOf(id), [String(signal.reason ?? error)]);
  }
}

/** @type {Lifecycle} */
const lifecycle = {
  open: (_config, onEnd) => {
    onEnd(() => writeFileSync(join(folder, "ended"), ""));
    return operation => operation;
  },
  check: (_context, _old, inputs) => ({ inputs, failures: [] }),
  diff: (_context, _id, { inputs: oldInputs, outputs }, inputs) => {
    if (oldInputs?.name !== inputs.name) throw new Error(`the inputs in the state are ${oldInputs}`);
    const changed = ["text", "paper"].filter(name => outputs[name] !== inputs[name]);
    /** @returns {DiffEntry} */
    const entryOf = (/** @type {string} */ name) => ({ kind: "update", replace: name === "paper" });
    const entries = Object.fromEntries(changed.map(name => [name, entryOf(name)]));
    return { entries, deleteBeforeReplace: true };
  },
  preview: (_context, inputs) => inputs,
  create: async (context, inputs) => {
    const id = `${inputs.name} on ${inputs.paper}`;
    if (existsSync(fileOf(id))) context.warn(`${id} is there already`);
    write(id, inputs);
    return { id, outputs: await dried(context, id) };
  },
  read: async (_context, id) => {
    if (!existsSync(fileOf(id))) return undefined;
    return { id, inputs: outputsOf(id), outputs: outputsOf(id) };
  },
  update: async (context, id, _old, inputs) => {
    write(id, inputs);
    return { outputs: await dried(context, id) };
  },
  remove: async (_context, id) => rmSync(fileOf(id)),
};

exports.note = dynamicProvider(lifecycle);
