/** What comes with a package: what npm would install for it today, without the peers, which are the user's choice. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { made } from "./made";
import { Project, SDK } from "./project";

const { packages } = made();

interface Locked {
  hasInstallScript?: true;
  license?: string;
  peer?: true;
}

const QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

/** Compatible with Apache-2.0: whoever passes the whole on needs to do no more than to keep the notices. */
const LICENSES = ["Apache-2.0", "BlueOak-1.0.0", "BSD-3-Clause", "ISC", "MIT", "Unlicense"];

describe.each(["pulumi-tutum", "tutum-server"] as const)("what comes with %s", name => {
  const project = new Project("npm");
  let locked: [string, Locked][];
  beforeAll(async () => {
    project.write("package.json", { private: true, dependencies: { [name]: packages[name].tarball } });
    await project.run(["npm", "install", "--package-lock-only", ...QUIET]);
    const lockfile = JSON.parse(readFileSync(join(project.folder, "package-lock.json"), "utf8")) as {
      packages: Record<string, Locked>;
    };
    locked = Object.entries(lockfile.packages).filter(([place, { peer }]) => place !== "" && !peer);
  });
  afterAll(() => project.remove());

  test("has no install script", () => {
    expect(locked.length).toBeGreaterThan(10);
    expect(locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => place)).toEqual([]);
  });

  test("has licenses that are compatible with this package's", () => {
    const others = locked.filter(([, { license }]) => !license || !LICENSES.includes(license));
    expect(others.map(([place, { license }]) => `${place}: ${license}`)).toEqual([]);
  });
});

test.each([
  ["pulumi-tutum", "tutum-server"],
  ["tutum-server", "pulumi-tutum"],
] as const)("an upgrade of %s beside an older %s asks no registry for either", async (upgraded, other) => {
  const project = new Project("npm");
  const install = (...names: string[]) => {
    mkdirSync(join(project.folder, "logs"), { recursive: true });
    return project.run([
      ...["npm", "install", "--prefer-offline", "--logs-dir", join(project.folder, "logs"), ...QUIET],
      ...names,
    ]);
  };
  try {
    project.write("package.json", { private: true, dependencies: SDK });
    await install(packages[upgraded].tarball, packages[other].tarball);
    await install(packages[upgraded].nextMinor.tarball);
    const version = (name: string) => {
      const manifest = readFileSync(join(project.folder, "node_modules", name, "package.json"), "utf8");
      return (JSON.parse(manifest) as { version: string }).version;
    };
    expect(version(upgraded)).toBe(packages[upgraded].nextMinor.version);
    expect(version(other)).toBe(packages[other].version);
    const logs = readdirSync(join(project.folder, "logs"));
    const asked = logs
      .map(file => readFileSync(join(project.folder, "logs", file), "utf8"))
      .flatMap(text => text.match(/http fetch .*/g) ?? []);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter(line => /\/(pulumi-tutum|tutum-server)[/ ]/.test(line))).toEqual([]);
  } finally {
    project.remove();
  }
});

test("a server of another minor version is refused by the embedded server, which says what to install", async () => {
  const project = new Project("npm");
  const { version } = packages["pulumi-tutum"];
  const { nextMinor } = packages["tutum-server"];
  try {
    project.write("package.json", { private: true, dependencies: SDK });
    const tarballs = [packages["pulumi-tutum"].tarball, nextMinor.tarball];
    await project.run(["npm", "install", "--prefer-offline", ...QUIET, ...tarballs]);
    const script =
      'require("pulumi-tutum/testing").startEmbeddedServer().catch(({ message }) => console.log(message))';
    const minor = version.replace(/\d+$/, "x");
    expect((await project.run([process.execPath, "-e", script])).trim()).toBe(
      `pulumi-tutum ${version} needs tutum-server ${minor}, and ${nextMinor.version} is installed: install ${minor} as a devDependency.`,
    );
  } finally {
    project.remove();
  }
});
