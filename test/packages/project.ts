import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { devDependencies } from "../../package.json";
import { made, type Packed } from "./made";

export type Manager = "npm" | "pnpm" | "yarn";
/** What package.json says of each package, by its name. */
export type Dependencies = Record<string, string>;

/** Of the Pulumi SDK: the newest one for the Node that runs these tests. */
export const SDK: Dependencies = { "@pulumi/pulumi": devDependencies["@pulumi/pulumi"] };

const QUIET = {
  npm: ["--prefer-offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"],
  pnpm: ["--prefer-offline", "--no-frozen-lockfile", "--reporter=append-only"],
  // On Node 20 the newest of what Fastify and pino-pretty allow wants Node 22: npm and pnpm warn, yarn would stop.
  yarn: ["--prefer-offline", "--non-interactive", "--no-progress", "--ignore-engines"],
};

/** Both packages from their tarballs; of each the version that this clone has, or the upgrade. */
export function tarballs(pick: (each: Packed & { upgrade: Packed }) => Packed = each => each): Dependencies {
  const entries = Object.entries(made().packages);
  return Object.fromEntries(entries.map(([name, each]) => [name, `file:${pick(each).tarball}`]));
}

/** A folder of a user, with nothing of this clone above it. */
export class Project {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), "tutum-project-"));

  constructor(private readonly manager: Manager) {}

  /** Copies a folder, relative to `test/packages/`, into it. */
  add(source: string, target: string): string {
    const copy = join(this.folder, target);
    cpSync(resolve(__dirname, source), copy, { recursive: true });
    return copy;
  }

  write(file: string, content: string | object): void {
    const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`;
    writeFileSync(join(this.folder, file), text);
  }

  /** Installs what the package.json files say. No package here needs a script to be of use. */
  async install(): Promise<void> {
    await this.run([this.manager, "install", "--ignore-scripts", ...QUIET[this.manager]]);
  }

  /** Standard output of a command that succeeds; one that fails is an error with all its output. */
  async run([command = "", ...args]: string[], env: Record<string, string> = {}): Promise<string> {
    const { bin, caches } = made().tools;
    const own = {
      PATH: [join(this.folder, "node_modules/.bin"), bin, process.env.PATH].join(delimiter),
      XDG_CACHE_HOME: caches,
      XDG_DATA_HOME: caches,
      XDG_STATE_HOME: caches,
      YARN_CACHE_FOLDER: join(caches, "yarn"),
    };
    const options = { cwd: this.folder, env: { ...process.env, ...own, ...env }, maxBuffer: 64 << 20 };
    const done = await promisify(execFile)(command, args, options).catch(error => {
      throw new Error(`${command} ${args.join(" ")}: ${error.message}\n${error.stdout}`);
    });
    return done.stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
