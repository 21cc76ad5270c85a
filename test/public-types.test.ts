import { join } from "node:path";
import ts from "typescript";

const ROOT = join(__dirname, "..");

/** What programs import, compiled; not what only the provider process loads. */
const ENTRIES = [
  "dist/index.d.ts",
  "dist/tutum/client/index.d.ts",
  "dist/ovh/client/index.d.ts",
  "dist/report.d.ts",
  "dist/testing.d.ts",
  "server/dist/index.d.ts",
].map(file => join(ROOT, file));

/** Of these packages alone. */
const INTERNAL: Record<string, string> = {
  Api: "the nouns of a client are made by TutumClient",
  Guest: "APIs beside Tutum's are the server's own",
};

const NAMED = ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias;

function isOurs({ fileName }: ts.SourceFile): boolean {
  return fileName.startsWith(ROOT) && !fileName.includes("/node_modules/");
}

/** A shape without `export` is of its own file; what is exported there is meant to be named elsewhere. */
function isExported(node: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0;
}

test("every type in a public signature can be named by who uses it", () => {
  const program = ts.createProgram(ENTRIES, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const meant = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const exported = ENTRIES.flatMap(entry => {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    return module ? checker.getExportsOfModule(module).map(meant) : [];
  });
  const unnamed = new Set<string>();
  const look = (node: ts.Node, whose: string): void => {
    if (ts.isHeritageClause(node)) return;
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    const type = symbol && meant(symbol);
    const isOurType =
      type &&
      type.flags & NAMED &&
      type.declarations?.some(each => isOurs(each.getSourceFile()) && isExported(each));
    if (isOurType && !exported.includes(type) && !Object.hasOwn(INTERNAL, type.name))
      unnamed.add(`${whose} needs ${type.name}`);
    ts.forEachChild(node, child => look(child, whose));
  };
  for (const { name, declarations = [] } of exported)
    for (const each of declarations) if (isOurs(each.getSourceFile())) look(each, name);
  expect(exported.length).toBeGreaterThan(80);
  expect([...unnamed].sort()).toEqual([]);
}, 60_000);
