/**
 * Lets Node load this repository's TypeScript as it is (`node -r ./test/simulation/load.cjs`), with two differences:
 * the server's storage gets the simulated disk, and with SEEDED_BUG one text of one source is replaced by another.
 */
const { readFileSync } = require("node:fs");
const { join, relative } = require("node:path");
const ts = require("typescript");

const root = join(__dirname, "../..");
const disk = join(__dirname, "simulated-disk.ts");
/** @type {{ file: string, from: string, to: string } | undefined} */
const bug = process.env.SEEDED_BUG ? JSON.parse(process.env.SEEDED_BUG) : undefined;

/** @type {import("typescript").CompilerOptions} */
const compilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
  useDefineForClassFields: false,
  inlineSourceMap: true,
};

/**
 * @param {NodeJS.Module} module
 * @param {string} file
 */
require.extensions[".ts"] = (module, file) => {
  const name = relative(root, file);
  let source = readFileSync(file, "utf8");
  if (bug?.file === name) source = seeded(source, bug);
  if (name.startsWith(join("server", "host", "storage")))
    source = source.replaceAll('"node:fs/promises"', JSON.stringify(disk));
  const { outputText } = ts.transpileModule(source, { fileName: file, compilerOptions });
  /** @type {any} */ (module)._compile(outputText, file);
};

/**
 * @param {string} source
 * @param {{ from: string, to: string, file: string }} patch
 */
function seeded(source, { from, to, file }) {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times, not once: ${from}`);
  return parts.join(to);
}
