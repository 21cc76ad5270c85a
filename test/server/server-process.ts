/** The built `tutum-server start` in a process of its own, to be killed. */
import { spawn, spawnSync } from "node:child_process";
import { request } from "node:http";
import { join, resolve } from "node:path";
import type { Application, Page } from "../../provider/tutum/client";
import { atEnd } from "./harness";

const ROOT = resolve(__dirname, "../..");
const BIN = join(ROOT, "server/bin/tutum-server.js");
const KEY = "secret-key";
export const APPLICATIONS = "/api/v1/application/";

/** For `beforeAll`. */
export function buildServer(): void {
  const tsc = require.resolve("typescript/bin/tsc");
  const build = spawnSync(process.execPath, [tsc, "--build", "server"], { cwd: ROOT, encoding: "utf8" });
  const errors = build.stdout.split("\n").filter(line => line.startsWith("server/"));
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

export interface ServerProcess {
  /** Resolves with its address; rejects with what it said when it ends before it is ready. */
  ready: Promise<string>;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

/** `wrapper` is what runs it: `strace` and its options. */
export function runServer(dataDir: string, wrapper: string[] = [], args: string[] = []): ServerProcess {
  const command = [...wrapper, process.execPath, BIN, "start", "--data", dataDir];
  const times = ["--start-time", "1ms", "--stop-time", "1ms", "--terminate-time", "1ms"];
  const simulated = args.includes("--backend") ? [] : times;
  const [file = "", ...rest] = [...command, "--user", "admin", "--apikey", KEY, ...simulated, ...args];
  // A group of its own, so that no part of it outlives the test. One thread for files: strace counts by thread.
  const child = spawn(file, rest, { detached: true, env: { ...process.env, UV_THREADPOOL_SIZE: "1" } });
  let [stdout, stderr] = ["", ""];
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>(done =>
    child.on("close", (code, signal) => done({ code, signal, stderr })),
  );
  const ready = new Promise<string>((found, failed) => {
    child.stdout.on("data", data => {
      stdout += data;
      const url = /answers at (\S+)\/api\/v1\//.exec(stdout)?.[1];
      if (url) found(url);
    });
    ended.then(({ code, signal }) => failed(new Error(`it ended with ${code ?? signal}: ${stderr}`)));
  });
  ready.catch(() => {});
  child.stderr.on("data", data => {
    stderr += data;
  });
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid as number), signal);
    } catch {
      // It is gone.
    }
  };
  atEnd(async () => {
    kill("SIGKILL");
    await ended;
  });
  return { ready, kill, ended };
}

export interface Answer<T> {
  status: number;
  body: T;
}

/** Throws when no whole answer comes. On a connection of its own: the next server may have the same port. */
export function ask<T = Application>(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer<T>> {
  const headers = {
    Authorization: `ApiKey admin:${KEY}`,
    ...(body ? { "Content-Type": "application/json" } : {}),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, { method, headers, agent: false }, async answer => {
      try {
        const text = (await answer.toArray()).join("");
        resolve({ status: answer.statusCode ?? 0, body: (text ? JSON.parse(text) : undefined) as T });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.on("error", reject);
    outgoing.end(body && JSON.stringify(body));
  });
}

export async function listAll(url: string): Promise<Application[]> {
  const found: Application[] = [];
  for (let next: string | null = `${APPLICATIONS}?limit=100`; next; ) {
    const { body }: Answer<Page<Application>> = await ask(url, "GET", next);
    found.push(...body.objects);
    next = body.meta.next;
  }
  return found;
}
