import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { made } from "./made";
import { Project } from "./project";

const ROOT = resolve(__dirname, "../..");
const { packages } = made();
const SOURCES = { "pulumi-tutum": [ROOT, "provider"], "tutum-server": [join(ROOT, "server"), "."] } as const;
const DOCUMENTS = ["CHANGELOG.md", "LICENSE", "README.md", "UPGRADING.md", "package.json"];

describe.each(["pulumi-tutum", "tutum-server"] as const)("the tarball of %s", name => {
  const { tarball, unpacked } = packages[name];
  const [folder, sources] = SOURCES[name];
  const files = filesIn(unpacked);
  const tool = async (...command: string[]) => {
    const project = new Project("npm");
    return project.run(command).finally(() => project.remove());
  };

  test("has a file of code and one of declarations for each source, its command and its documents", () => {
    const compiled = filesIn(join(folder, sources))
      .filter(file => /^(?!dist\/|node_modules\/).*\.ts$/.test(file))
      .flatMap(file => [".js", ".d.ts"].map(ending => `dist/${file.replace(/\.ts$/, ending)}`));
    const brought = name === "tutum-server" ? ["dist/provider/tutum/client/types.d.ts"] : [];
    expect(files.sort()).toEqual([...compiled, ...brought, `bin/${name}.js`, ...DOCUMENTS].sort());
  });

  test("has the license and the documents that are true for its version", () => {
    const read = (file: string) => readFileSync(join(unpacked, file), "utf8");
    expect(read("LICENSE")).toBe(readFileSync(join(ROOT, "LICENSE"), "utf8"));
    expect(read("LICENSE")).toMatch(/Apache License\s+Version 2\.0/);
    const { version } = packages[name];
    expect(read("CHANGELOG.md")).toMatch(new RegExp(`^## ${version}(,|$)`, "m"));
    expect(read("UPGRADING.md")).toMatch(new RegExp(`^## To ${version}$`, "m"));
  });

  test("has declarations that refer to nothing outside of it", () => {
    const outside = files
      .filter(file => file.endsWith(".d.ts"))
      .flatMap(file => {
        const text = readFileSync(join(unpacked, file), "utf8");
        const references = [...text.matchAll(/(?:from |import\()"(\.[^"]*)"/g)].map(
          ([, reference = ""]) => reference,
        );
        const exists = (reference: string) =>
          [".d.ts", "/index.d.ts"].some(ending => files.includes(join(file, "..", reference) + ending));
        return references.filter(reference => !exists(reference)).map(reference => `${file}: ${reference}`);
      });
    expect(outside).toEqual([]);
  });

  test("has no finding of publint, and none of attw for Node's resolution", async () => {
    await expect(tool("publint", tarball, "--strict", "--level", "suggestion")).resolves.toContain(
      "All good!",
    );
    await tool("attw", tarball, "--profile", "node16");
  });
});

test("the tarball of pulumi-tutum has at most 240 kB", () => {
  expect(statSync(packages["pulumi-tutum"].tarball).size).toBeLessThanOrEqual(240_000);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { encoding: "utf8", recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
