import { spawn } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/** Runs `main.ts` in a process of its own, which reads the sources with the simulated disk, and a seeded bug if any. */
export function runSimulations(
  args: string[],
  bug?: { file: string; from: string; to: string },
): Promise<{ code: number | null; output: string }> {
  const script = ["-r", join(__dirname, "load.cjs"), join(__dirname, "main.ts"), ...args];
  const child = spawn(process.execPath, script, {
    cwd: ROOT,
    env: { ...process.env, SEEDED_BUG: bug ? JSON.stringify(bug) : "" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", text => {
      output += text;
    });
  }
  return new Promise(resolve => {
    child.on("close", code => resolve({ code, output: output.trim() }));
  });
}
