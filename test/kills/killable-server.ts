/** A `tutum-server start` in a process of its own, to be killed and started again on the same data. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Application, TutumClient } from "../../provider/tutum/client";
import type { FaultRule, RequestRecord } from "../../server/index";

const BIN = resolve(__dirname, "../../server/bin/tutum-server.js");
const USER = "tester";
const KEY = "key-of-the-killable-server";
/** How long everything takes that containers do. */
const TIMES = ["--start-time", "30ms", "--stop-time", "10ms", "--terminate-time", "10ms"];

export class KillableServer {
  readonly #data = mkdtempSync(join(tmpdir(), "tutum-killable-"));
  #child: ChildProcess | undefined;
  #url = "";
  #token = "";

  static async start(): Promise<KillableServer> {
    const server = new KillableServer();
    await server.restart();
    return server;
  }

  /** What the provider has to know. The port stays the same: it is kept with the data. */
  get env(): Record<string, string> {
    return { TUTUM_BASE_URL: `${this.#url}/api/v1/`, TUTUM_AUTH: `ApiKey ${USER}:${KEY}` };
  }

  async restart(): Promise<void> {
    const args = [BIN, "start", "--data", this.#data, "--user", USER, "--apikey", KEY, "--control", ...TIMES];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let said = "";
    await new Promise<void>((started, failed) => {
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk;
        if (said.includes("Ctrl-C ends it")) started();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk;
      });
      child.once("exit", () => failed(new Error(`The server ended: ${said}`)));
    });
    this.#url = /answers at (\S+)\/api\/v1\//.exec(said)?.[1] ?? "";
    this.#token = /Bearer ([^"]+)"/.exec(said)?.[1] ?? "";
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }

  async addFault(rule: FaultRule): Promise<void> {
    await this.#control("POST", "faults", rule);
  }

  /** How many requests the rules hold. */
  async held(): Promise<number> {
    const { faults } = await this.#control<{ faults: { held: number }[] }>("GET", "faults");
    return faults.reduce((sum, fault) => sum + fault.held, 0);
  }

  /** Lets everything go that is held; from now on nothing is. */
  async letGo(): Promise<void> {
    await this.#control("DELETE", "faults");
  }

  /** Since they were last forgotten, or the server started. */
  async requests(): Promise<RequestRecord[]> {
    return (await this.#control<{ requests: RequestRecord[] }>("GET", "requests")).requests;
  }

  async forgetRequests(): Promise<void> {
    await this.#control("DELETE", "requests");
  }

  /** All that exist, but not what is only remembered. */
  async applications(): Promise<Application[]> {
    const { applications } = new TutumClient({ endpoint: this.#url, user: USER, apikey: KEY, env: {} });
    const found: Application[] = [];
    for await (const { uuid, state } of applications.list())
      if (state !== "Terminated") found.push(await applications.get(uuid));
    return found;
  }

  async #control<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" };
    const answer = await fetch(`${this.#url}/_tutum/${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }
}
