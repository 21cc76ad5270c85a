// What tsc cannot do for files that are published: it keeps comments everywhere or nowhere, and leaves references to
// other packages' sources as they are written. Both functions may run again over what they have changed.

import fs from "node:fs";
import path from "node:path";

/**
 * Takes the comments out of the JavaScript: editors show those of the declarations, which stay.
 * @param {string} dist
 * @param {typeof import("typescript")} ts
 */
export function removeComments(dist, ts) {
  const printer = ts.createPrinter({ removeComments: true });
  for (const file of filesIn(dist, ".js")) {
    const text = fs.readFileSync(file, "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext);
    writeChanged(file, text, printer.printFile(source));
  }
}

/**
 * Gives a package copies of the declarations that it takes from another part of the repository, and refers to those.
 * @param {string} dist where the package is compiled to
 * @param {string} part the other part's folder in the repository
 * @param {string} compiledPart where that is compiled to
 */
export function bringDeclarations(dist, part, compiledPart) {
  for (const file of filesIn(dist, ".d.ts")) {
    const text = fs.readFileSync(file, "utf8");
    const own = text.replace(new RegExp(`"(?:\\.\\.?/)+${part}/([^"]+)"`, "g"), (_, module) => {
      const copy = path.join(dist, part, module);
      fs.mkdirSync(path.dirname(copy), { recursive: true });
      fs.copyFileSync(`${path.join(compiledPart, module)}.d.ts`, `${copy}.d.ts`);
      const reference = path.relative(path.dirname(file), copy);
      return JSON.stringify(reference.startsWith(".") ? reference : `./${reference}`);
    });
    writeChanged(file, text, own);
  }
}

/**
 * @param {string} folder
 * @param {string} ending
 */
function filesIn(folder, ending) {
  const names = fs.readdirSync(folder, { encoding: "utf8", recursive: true });
  return names.filter(name => name.endsWith(ending)).map(name => path.join(folder, name));
}

/**
 * @param {string} file
 * @param {string} before
 * @param {string} after
 */
function writeChanged(file, before, after) {
  if (after !== before) fs.writeFileSync(file, after);
}
