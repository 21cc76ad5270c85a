/** `npm run check`: every import of provider/ and server/ keeps to the layers, and none goes in a circle. */
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { isMain, ROOT } from "./clone.mjs";
import { EXCEPTIONS, LAYERS, NO_CIRCLE, PLACES } from "./layers.mjs";

/**
 * @typedef {{ from: string, to: string, typeOnly: boolean }} Import `to` is a file of ours, or the name of a package
 * @typedef {{ rule: string, from: string, to: string }} Exception
 */

/**
 * What is wrong, a sentence each.
 * @param {ReadonlyMap<string, string>} files texts by path from the root
 * @param {readonly Exception[]} exceptions
 */
export function layerProblems(files, exceptions = EXCEPTIONS) {
  const imports = [...files].flatMap(([file, text]) => importsOf(file, text, files));
  const needed = new Set();
  /** @param {string} rule @param {Import} found */
  const isExcepted = (rule, { from, to }) => {
    const exception = exceptions.find(
      each => each.rule === rule && each.from === from && (each.to === to || isBelow(to, each.to)),
    );
    if (exception) needed.add(exception);
    return exception !== undefined;
  };

  const places = [...files.keys()]
    .filter(file => !PLACES.test(file))
    .map(file => `${file}: no layer has this file. Name its place and its rule in tools/layers.mjs.`);
  const broken = imports.flatMap(found =>
    LAYERS.filter(layer => !keeps(layer, found) && !isExcepted(layer.rule, found)).map(
      ({ rule }) => `${found.from} imports ${found.to}: ${rule}.`,
    ),
  );
  const inCircles = edgesInCircles(imports);
  const circles = circlesOf(
    imports.filter(found => !(inCircles.has(found) && isExcepted(NO_CIRCLE, found))),
  ).map(circle => `${circle.join(" -> ")}: ${NO_CIRCLE}.`);
  const stale = exceptions
    .filter(exception => !needed.has(exception))
    .map(
      ({ rule, from, to }) =>
        `${from} no longer imports ${to}: remove this exception (${rule}) from tools/layers.mjs.`,
    );
  return [...places, ...broken, ...circles, ...stale];
}

/** @param {string} target @param {string} folder */
function isBelow(target, folder) {
  return folder.endsWith("/") && target.startsWith(folder);
}

/** @param {import("./layers.mjs").Layer} layer @param {Import} found */
function keeps({ files, allows }, { from, to, typeOnly }) {
  const match = files.exec(from);
  return match === null || allows(to, match[1] ?? "", typeOnly);
}

/**
 * @param {string} file
 * @param {string} text
 * @param {ReadonlyMap<string, string>} files
 * @returns {Import[]}
 */
function importsOf(file, text, files) {
  const found = /** @type {Import[]} */ ([]);
  /** @param {ts.Node | undefined} specifier @param {boolean} typeOnly */
  const add = (specifier, typeOnly) => {
    if (specifier && ts.isStringLiteralLike(specifier))
      found.push({ from: file, to: resolved(file, specifier.text, files), typeOnly });
  };
  /** @param {ts.Node} node */
  const visit = node => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isExternalModuleReference(node)) add(node.expression, false);
    else if (ts.isCallExpression(node) && isLoading(node.expression)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** `import("…")`, `require("…")` and `require.resolve("…")`. @param {ts.Expression} called */
function isLoading(called) {
  if (ts.isPropertyAccessExpression(called)) return isLoading(called.expression);
  return (
    called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require")
  );
}

/** @param {ts.ImportClause | undefined} clause */
function isTypeImport(clause) {
  if (!clause) return false;
  const { name, namedBindings: bindings } = clause;
  if (clause.isTypeOnly) return true;
  return (
    !name && !!bindings && ts.isNamedImports(bindings) && bindings.elements.every(each => each.isTypeOnly)
  );
}

/** @param {ts.ExportDeclaration} node */
function isTypeExport({ isTypeOnly, exportClause: clause }) {
  if (isTypeOnly) return true;
  return !!clause && ts.isNamedExports(clause) && clause.elements.every(each => each.isTypeOnly);
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {ReadonlyMap<string, string>} files
 */
function resolved(file, specifier, files) {
  if (!specifier.startsWith(".")) return specifier;
  const target = path.posix.join(path.posix.dirname(file), specifier.replace(/\.js$/, ""));
  return [`${target}.ts`, `${target}/index.ts`].find(each => files.has(each)) ?? target;
}

/**
 * Each circle once, as short as it can be made, and closed: a -> b -> a.
 * @param {readonly Import[]} imports
 */
function circlesOf(imports) {
  const targets = targetsOf(imports);
  const told = new Set();
  const circles = [];
  for (const file of [...targets.keys()].sort()) {
    if (told.has(file)) continue;
    const circle = wayBack(file, targets);
    if (!circle || circle.some(each => told.has(each))) continue;
    for (const each of circle) told.add(each);
    circles.push(circle);
  }
  return circles;
}

/** @param {readonly Import[]} imports */
function edgesInCircles(imports) {
  const targets = targetsOf(imports);
  return new Set(imports.filter(({ from, to }) => from === to || reaches(to, from, targets)));
}

/** @param {readonly Import[]} imports */
function targetsOf(imports) {
  const targets = /** @type {Map<string, Set<string>>} */ (new Map());
  for (const { from, to } of imports) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  return targets;
}

/** @param {string} from @param {string} to @param {Map<string, Set<string>>} targets */
function reaches(from, to, targets) {
  return wayFrom(from, to, targets) !== undefined;
}

/** @param {string} file @param {Map<string, Set<string>>} targets */
function wayBack(file, targets) {
  const ways = [...(targets.get(file) ?? [])].map(next => wayFrom(next, file, targets));
  const [shortest] = ways.filter(way => way !== undefined).sort((a, b) => a.length - b.length);
  return shortest && [file, ...shortest];
}

/**
 * The shortest one.
 * @param {string} from
 * @param {string} to
 * @param {Map<string, Set<string>>} targets
 */
function wayFrom(from, to, targets) {
  const before = /** @type {Map<string, string | undefined>} */ (new Map([[from, undefined]]));
  for (const file of before.keys()) {
    if (file === to) {
      const way = [];
      for (let each = /** @type {string | undefined} */ (file); each !== undefined; each = before.get(each))
        way.unshift(each);
      return way;
    }
    for (const next of targets.get(file) ?? []) if (!before.has(next)) before.set(next, file);
  }
  return undefined;
}

/** Paths from the root, with their texts. */
export function sources(root = ROOT) {
  const texts = /** @type {Map<string, string>} */ (new Map());
  for (const folder of ["provider", "server"]) {
    for (const name of fs.readdirSync(path.join(root, folder), { encoding: "utf8", recursive: true })) {
      const file = path.posix.join(folder, name.replaceAll("\\", "/"));
      if (!file.endsWith(".ts") || /\/(dist|node_modules)\//.test(file)) continue;
      texts.set(file, fs.readFileSync(path.join(root, file), "utf8"));
    }
  }
  return texts;
}

if (isMain(import.meta.url)) {
  const problems = layerProblems(sources());
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
