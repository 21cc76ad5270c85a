/** The report that an example's README shows is what the command line prints for that preview. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Run } from "../stack";

const ROOT = resolve(__dirname, "../../..");
const REPORT = /(?<=<!-- report -->\n)[\s\S]*(?=<!-- \/report -->)/;

/** `preview` ran with `--json`. With REWRITE_REPORTS=1 the README is written instead. */
export function expectReportInReadme(example: string, preview: Run): void {
  const cli = join(ROOT, "bin/pulumi-tutum.js");
  const { stdout, stderr } = spawnSync(process.execPath, [cli, "report", "--format", "markdown"], {
    input: preview.stdout,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const file = join(ROOT, "examples", example, "README.md");
  const readme = readFileSync(file, "utf8");
  const shown = `\n${stdout.trim()}\n\n`;
  if (process.env.REWRITE_REPORTS === "1") {
    writeFileSync(
      file,
      readme.replace(REPORT, () => shown),
    );
  } else {
    expect(REPORT.exec(readme)?.[0]).toBe(shown);
  }
}
