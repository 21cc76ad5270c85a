/** Six linked applications in a stack of their own, on a server that can be killed; and what can be done to them. */
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Run, type RunningCli, Stack } from "../engine/stack";
import { until } from "../until";
import { KillableServer } from "./killable-server";

export type Operation = "create" | "update" | "replace" | "destroy";

/** Each with those it links to. */
const LINKS = { db: [], cache: [], api: ["db", "cache"], jobs: ["db"], web: ["api"], proxy: ["web"] };
const NAMES = Object.keys(LINKS);
/** What is scaled, and what is replaced with everything that links to it. */
const CHANGED = "db";

/** What it took until everything was as declared. */
export interface Recovery {
  /** Commands of Pulumi, in order. */
  steps: string[];
  /** How many of them were `up` (or `destroy`, when that was cut short) and were allowed to begin. */
  ups: number;
  requests: number;
}

export class SixApplications {
  #image = "tutum/hello-world";
  #containers = 1;
  #exist = false;

  private constructor(
    readonly stack: Stack,
    readonly server: KillableServer,
  ) {}

  static async start(env: Record<string, string>): Promise<SixApplications> {
    const server = await KillableServer.start();
    const stack = await Stack.create("test/engine/programs/declared");
    Object.assign(stack.env, server.env, env);
    await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
    return new SixApplications(stack, server);
  }

  async dispose(): Promise<void> {
    await this.server.close();
    await this.stack.dispose();
  }

  /** Everything exists, or nothing, as the operation needs it. */
  async prepare(operation: Operation): Promise<void> {
    const exist = operation !== "create";
    if (this.#exist === exist) return;
    this.#exist = exist;
    await this.#expectSuccess(this.#command());
  }

  begin(operation: Operation): RunningCli {
    this.#exist = operation !== "destroy";
    if (operation === "replace")
      this.#image = this.#image === "tutum/nginx" ? "tutum/hello-world" : "tutum/nginx";
    if (operation === "update") this.#containers = 3 - this.#containers;
    return this.stack.begin(this.#command());
  }

  /** The CLI has told that it is being cancelled: a second Ctrl-C is a second one. */
  async isCancelling(run: RunningCli): Promise<void> {
    const log = join(this.stack.folder, "events.json");
    let ended = false;
    void run.done.then(() => {
      ended = true;
    });
    await until(
      () => ended || (existsSync(log) && readFileSync(log, "utf8").includes("^C received")),
      "Pulumi tells that it cancels",
    );
  }

  async providersEnd(): Promise<void> {
    await until(() => this.stack.providerHosts().length === 0, "the provider process ends");
  }

  /** What docs/recovery.md says under "After an interrupted run". */
  async goOn(): Promise<Recovery> {
    await this.server.forgetRequests();
    const steps: string[] = [];
    let ups = 0;
    let last: Run;
    do {
      last = await this.#step(this.#command(), steps);
      if (last.output.includes("the stack is currently locked")) {
        await this.#step(["cancel", "--yes"], steps);
      } else if (last.output.includes("failed to load checkpoint: EOF")) {
        steps.push(deleteEmptyAttributes(this.stack));
      } else if (++ups === 2 && last.code !== 0) {
        throw new Error(`Two runs did not converge:\n${last.output}`);
      }
    } while (last.code !== 0);
    if (this.#exist && last.output.includes("pending operations from previous deployment"))
      await this.#step(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], steps);
    return { steps, ups, requests: (await this.server.requests()).length };
  }

  /** Every declared application once, the state tells the truth, and nothing is left to do. */
  async differences(): Promise<string[]> {
    const { applications: state, pending } = await this.stack.exported();
    const found = await this.server.applications();
    const names = this.#exist ? [...NAMES].sort() : [];
    const differences = [
      ...expected("names on the server", found.map(({ name }) => name).sort(), names),
      ...expected("names in the state", Object.keys(state).sort(), names),
      ...expected("pending operations", pending, []),
      ...expected("provider processes", this.stack.providerHosts(), []),
    ];
    for (const application of found) {
      const { name, uuid, image_name, target_num_containers: target } = application;
      const { id, outputs = {}, initErrors = [] } = state[name] ?? {};
      const declared = name === CHANGED ? this.#containers : 1;
      differences.push(
        ...expected(`the id of ${name}`, id, uuid),
        ...expected(`the containers of ${name}`, [outputs.targetNumContainers, target], [declared, declared]),
        ...expected(`the state of ${name}`, [outputs.state, application.state], ["Running", "Running"]),
        ...expected(`running of ${name}`, application.running_num_containers, declared),
        ...expected(`the errors of ${name}`, initErrors, []),
      );
      if (name === CHANGED) differences.push(...expected("its image", image_name, `${this.#image}:latest`));
    }
    const preview = await this.stack.run(this.#exist ? ["preview"] : ["destroy", "--preview-only"]);
    return [...differences, ...expected("a preview", [preview.code, preview.steps], [0, []])];
  }

  #command(): string[] {
    const links = LINKS as Record<string, string[]>;
    this.stack.env.DECLARATIONS = JSON.stringify(
      NAMES.map(name => ({
        name,
        links: links[name],
        args:
          name === CHANGED
            ? { image: this.#image, targetNumContainers: this.#containers }
            : { image: "tutum/hello-world" },
      })),
    );
    return [this.#exist ? "up" : "destroy", "--yes", "--skip-preview"];
  }

  async #step(args: string[], steps: string[]): Promise<Run> {
    steps.push(args.filter(arg => arg !== "--yes" && arg !== "--skip-preview").join(" "));
    return this.stack.run(args);
  }

  async #expectSuccess(args: string[]): Promise<void> {
    const { code, output } = await this.stack.run(args);
    if (code !== 0) throw new Error(output);
  }
}

/** A CLI that was killed while it saved leaves its side file empty; the state beside it is whole. */
export function deleteEmptyAttributes(stack: Stack): string {
  const file = join(stack.folder, "state/.pulumi/stacks/declared/test.json.attrs");
  if (statSync(file).size > 0) throw new Error(`${file} is not empty.`);
  rmSync(file);
  return "rm test.json.attrs";
}

function expected(what: string, found: unknown, wanted: unknown): string[] {
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  return is === should ? [] : [`${what}: ${is} instead of ${should}`];
}
