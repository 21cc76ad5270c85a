// Set-up works across processes and is written in ES modules: its tests run it as `node` does.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

export const ROOT = path.resolve(__dirname, "../..");

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A process, what it wrote so far, and its end. */
export class Running {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;

  constructor(readonly child: ChildProcessWithoutNullStreams) {
    child.stdin.on("error", () => {});
    child.stdout.on("data", chunk => {
      this.stdout += chunk;
    });
    child.stderr.on("data", chunk => {
      this.stderr += chunk;
    });
    this.ended = once(child, "close").then(([code]) => ({ code, stdout: this.stdout, stderr: this.stderr }));
  }

  /** Resolves when the text has been written; rejects when the process ends without it. */
  async wrote(text: string): Promise<void> {
    while (!`${this.stdout}${this.stderr}`.includes(text)) {
      const seen = once(this.child.stdout, "data");
      const alsoSeen = once(this.child.stderr, "data");
      const end = this.ended.then(({ code }) => {
        throw new Error(`ended with ${code} without "${text}": ${this.stdout}${this.stderr}`);
      });
      await Promise.race([seen, alsoSeen, end]);
    }
  }
}

export function run(command: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Running {
  const [program = "", ...args] = command;
  return new Running(spawn(program, args, { cwd: ROOT, ...options, stdio: "pipe" }));
}

/** Runs module code in which `tools(name)` imports a file of tools/. */
export function evaluate(code: string, options: { env?: NodeJS.ProcessEnv; root?: string } = {}): Running {
  const folder = pathToFileURL(path.join(options.root ?? ROOT, "tools/")).href;
  const program = `const tools = name => import(${JSON.stringify(folder)} + name);\n${code}`;
  return run([process.execPath, "--input-type=module", "-e", program], { env: options.env ?? process.env });
}

const made: string[] = [];

export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "pulumi-tutum-tools-"));
  made.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

export function script(file: string, body: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}
