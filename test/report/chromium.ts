import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The browser of the system packages, if it is installed. */
export const CHROMIUM = (process.env.PATH ?? "")
  .split(delimiter)
  .map(folder => join(folder, "chromium"))
  .find(existsSync);

/** Mermaid as browsers load it. */
export function mermaidScript(): string {
  return readFileSync(require.resolve("@mermaid-js/tiny"), "utf8");
}

/** The document after its scripts have run. */
export function documentAfter(html: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tutum-chromium-"));
  try {
    const page = join(folder, "page.html");
    writeFileSync(page, html);
    const args = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--virtual-time-budget=60000",
    ];
    const { stdout, stderr, status } = spawnSync(
      CHROMIUM ?? "chromium",
      [...args, `--user-data-dir=${join(folder, "profile")}`, "--dump-dom", `file://${page}`],
      { encoding: "utf8", env: { ...process.env, HOME: folder }, maxBuffer: 100_000_000, timeout: 100_000 },
    );
    if (status !== 0) throw new Error(`chromium ended with ${status}: ${stderr.slice(-2_000)}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
