import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { type Application, TutumClient } from "../../provider/tutum/client";
import { type RequestRecord, type RunningServer, type ServerOptions, startServer } from "../../server/index";

/** What one run of the Pulumi CLI did. */
export interface Run {
  code: number;
  /** Standard output and error together, as a user sees them. */
  output: string;
  stdout: string;
  /** The engine's log of events as it was written. */
  log: string;
  events: EngineEvent[];
  /** Steps but `same`: `update web`, in the order the engine finished them. */
  steps: string[];
  /** Mutating requests: `POST application/`, `PATCH application/<uuid>/ {…}`. */
  mutations: RequestRecord[];
  requests: RequestRecord[];
}

/** A run of the CLI under way. */
export interface RunningCli {
  /** What it has printed so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  done: Promise<Run>;
}

export interface EngineEvent {
  resourcePreEvent?: { metadata: StepMetadata };
  resOutputsEvent?: { metadata: StepMetadata };
  diagnosticEvent?: { message: string; severity: string };
}

interface StepMetadata {
  op: string;
  urn: string;
  type: string;
  keys?: string[] | null;
  diffs?: string[] | null;
}

/** A resource of `stack export`. */
export interface StateResource {
  urn: string;
  id: string;
  type: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  /** Why it is not as declared, after an operation that failed half-way. */
  initErrors?: string[];
}

const ROOT = resolve(__dirname, "../..");

/** A copy of a program, a stack of it, and an embedded server: all its own, all gone after `dispose`. */
export class Stack {
  /** Variables of the environment for the next runs; undefined removes one. */
  readonly env: Record<string, string | undefined> = {};
  /** The stack's account, for changes by hand. */
  readonly tutum: TutumClient;

  private constructor(
    private readonly program: string,
    readonly folder: string,
    readonly server: RunningServer,
    private readonly pulumi: string,
  ) {
    const { url, user, apikey } = server;
    this.tutum = new TutumClient({ endpoint: url, user, apikey, env: {} });
  }

  /** `program` is a folder relative to the repo. */
  static async create(program: string, options: ServerOptions = {}): Promise<Stack> {
    const times = { start: 30, stop: 10, scale: 30, terminate: 10, exit: 1 };
    const server = await startServer({ user: "tester", apikey: CANARY_KEY, times, ...options });
    return Stack.#init(program, server, await pulumiCli());
  }

  /** A stack of the same project and name on the same account, with a state and a configuration of its own. */
  async namesake(): Promise<Stack> {
    return Stack.#init(this.program, this.server, this.pulumi);
  }

  /** In a copy: what the CLI writes beside the program (configuration) is this stack's alone. */
  static async #init(program: string, server: RunningServer, pulumi: string): Promise<Stack> {
    const folder = mkdtempSync(join(tmpdir(), "tutum-engine-"));
    const copy = join(folder, "program");
    const filter = (source: string) => !/^(node_modules|Pulumi\..+\.yaml)$/.test(basename(source));
    cpSync(resolve(ROOT, program), copy, { recursive: true, filter });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    mkdirSync(join(folder, "state"));
    const stack = new Stack(copy, folder, server, pulumi);
    await stack.run(["stack", "init", "test"]);
    return stack;
  }

  /** The same stack, run in another folder of the program. */
  at(program: string): Stack {
    const stack = new Stack(program, this.folder, this.server, this.pulumi);
    Object.assign(stack.env, this.env);
    return stack;
  }

  async dispose(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async up(...args: string[]): Promise<Run> {
    return this.run(["up", "--yes", "--skip-preview", ...args]);
  }

  async preview(...args: string[]): Promise<Run> {
    return this.run(["preview", ...args]);
  }

  async refresh(...args: string[]): Promise<Run> {
    return this.run(["refresh", "--yes", "--skip-preview", ...args]);
  }

  async destroy(...args: string[]): Promise<Run> {
    return this.run(["destroy", "--yes", "--skip-preview", ...args]);
  }

  async config(...args: string[]): Promise<void> {
    const run = await this.run(["config", "set", ...args]);
    if (run.code !== 0) throw new Error(run.output);
  }

  /** The stack's state as `stack export` prints it. */
  async exported(): Promise<{
    text: string;
    applications: Record<string, StateResource>;
    /** Operations that were cut short, as `creating`. */
    pending: string[];
  }> {
    const { stdout } = await this.run(["stack", "export"]);
    const { resources = [], pending_operations: pending = [] } = (
      JSON.parse(stdout) as {
        deployment: { resources?: StateResource[]; pending_operations?: { type: string }[] };
      }
    ).deployment;
    const applications = resources.filter(resource => resource.type.endsWith("tutum:Application"));
    return {
      text: stdout,
      pending: pending.map(({ type }) => type),
      applications: Object.fromEntries(applications.map(each => [nameOf(each.urn), each])),
    };
  }

  /** As a machine out of memory would: SIGKILL to the provider process of this stack's running command. */
  killProviderHost(): void {
    for (const pid of this.providerHosts()) process.kill(pid, "SIGKILL");
  }

  /** Process ids of this stack's provider hosts that are alive. */
  providerHosts(): number[] {
    const mine = `HOME=${this.folder}\0`;
    return readdirSync("/proc")
      .filter(name => /^\d+$/.test(name))
      .filter(pid => {
        try {
          return (
            readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("dynamic-provider") &&
            readFileSync(`/proc/${pid}/environ`, "utf8").includes(mine)
          );
        } catch {
          return false; // It ended while it was looked at.
        }
      })
      .map(Number);
  }

  /** Changes the state as an editor would. */
  async importState(edit: (text: string) => string): Promise<void> {
    const file = join(this.folder, "edited.json");
    writeFileSync(file, edit((await this.exported()).text));
    const run = await this.run(["stack", "import", "--file", file]);
    if (run.code !== 0) throw new Error(run.output);
  }

  /** The uuids of the applications in the state, by the resource's name. */
  async ids(): Promise<Record<string, string>> {
    const { applications } = await this.exported();
    return Object.fromEntries(Object.entries(applications).map(([name, { id }]) => [name, id]));
  }

  /** The applications on the server, but for the tombstones. */
  async alive(): Promise<Application[]> {
    const found: Application[] = [];
    for await (const { uuid, state } of this.tutum.applications.list()) {
      if (state !== "Terminated") found.push(await this.tutum.applications.get(uuid));
    }
    return found;
  }

  /**
   * Mutating requests by the applications' unique names, a creation by the name asked for: `POST web`,
   * `POST web stop`, `PATCH web {"target_num_containers":2}`, `DELETE web`.
   */
  async sent(run: Run): Promise<string[]> {
    const names: Record<string, string> = {};
    for await (const { uuid, unique_name } of this.tutum.applications.list()) names[uuid] = unique_name;
    return run.mutations.map(({ method, path, body }) => {
      const [, uuid, action] = /^\/api\/v1\/application\/(?:([^/]+)\/(\w+)?)?/.exec(path) ?? [];
      const asked = (body as { name?: string } | null)?.name;
      const changes = method === "PATCH" ? JSON.stringify(body) : undefined;
      return [method, uuid ? names[uuid] : asked, action, changes].filter(Boolean).join(" ");
    });
  }

  /** The environment that the application's first container received. */
  async containerVariables(name: string): Promise<Record<string, string>> {
    const { [name]: id = "" } = await this.ids();
    const { containers } = await this.tutum.applications.get(id);
    const { container_envvars: variables } = await this.tutum.containers.get(containers[0] ?? "");
    return Object.fromEntries(variables.map(({ key, value }) => [key, value]));
  }

  /** The state file as it lies on disk. */
  stateFile(): string {
    const project = /name: (\S+)/.exec(readFileSync(join(this.program, "Pulumi.yaml"), "utf8"))?.[1] ?? "";
    return readFileSync(join(this.folder, "state/.pulumi/stacks", project, "test.json"), "utf8");
  }

  async run(args: string[]): Promise<Run> {
    return this.begin(args).done;
  }

  /** A run that can be interrupted. */
  begin(args: string[]): RunningCli {
    const operation = ["up", "preview", "refresh", "destroy"].includes(args[0] ?? "");
    const log = join(this.folder, "events.json");
    writeFileSync(log, "");
    this.server.clearRequests();
    const process = spawned(
      this.pulumi,
      ["--non-interactive", ...args, ...(operation ? ["--event-log", log] : [])],
      this.program,
      this.#environment(),
    );
    const done = process.done.then(({ code, stdout, output }) => {
      const written = readFileSync(log, "utf8");
      const events = written
        .split("\n")
        .filter(line => line.endsWith("}"))
        .map(line => JSON.parse(line) as EngineEvent);
      const requests = [...this.server.requests];
      const mutations = requests.filter(request => request.method !== "GET");
      return {
        code,
        stdout,
        output,
        log: written,
        events,
        steps: stepsOf(args[0] ?? "", events),
        mutations,
        requests,
      };
    });
    return { ...process, done };
  }

  /** Nothing of the machine's own settings: an empty HOME, and only what is named here. */
  #environment(): NodeJS.ProcessEnv {
    const own: Record<string, string | undefined> = {
      PATH: dirname(this.pulumi) + delimiter + process.env.PATH,
      HOME: this.folder,
      PULUMI_HOME: join(this.folder, ".pulumi"),
      PULUMI_STACK: "test",
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DEBUG_COMMANDS: "1",
      // What is compiled of the programs goes with the folder.
      TS_NODE_CACHE_DIRECTORY: join(this.folder, "compiled"),
      // Types of the programs are checked once, by `npm run check`.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      PULUMI_AUTOMATION_API: undefined,
      TUTUM_BASE_URL: `${this.server.url}/api/v1/`,
      TUTUM_AUTH: `ApiKey ${this.server.user}:${this.server.apikey}`,
      ...this.env,
    };
    return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  }
}

/** Recognised wherever it should not be. */
export const CANARY_KEY = "canary-api-key-5f2d";

/** Name of the resource with this URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

function stepsOf(operation: string, events: EngineEvent[]): string[] {
  return events
    .map(event => (operation === "preview" ? event.resourcePreEvent : event.resOutputsEvent)?.metadata)
    .filter(metadata => metadata !== undefined)
    .filter(({ op, type }) => !["same", "refresh", "read"].includes(op) && type.endsWith("tutum:Application"))
    .map(({ op, urn }) => `${op} ${nameOf(urn)}`);
}

/** Found by the set-up's own code, in a process of its own: jest cannot import ES modules. */
export async function pulumiCli(): Promise<string> {
  const module = JSON.stringify(join(ROOT, "tools/pulumi-cli.mjs"));
  const script = `import(${module}).then(async cli => console.log((await cli.findPulumi())?.bin ?? ""))`;
  const { stdout } = await spawned(process.execPath, ["-e", script], ROOT, process.env).done;
  if (stdout.trim() === "") throw new Error("The Pulumi CLI is missing: run `npm run setup`.");
  return stdout.trim();
}

interface Exit {
  code: number;
  stdout: string;
  output: string;
}

function spawned(
  command: string,
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Omit<RunningCli, "done"> & { done: Promise<Exit> } {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, output] = ["", ""];
  const done = new Promise<Exit>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", code => resolve({ code: code ?? -1, stdout, output }));
  });
  return { output: () => output, kill: signal => child.kill(signal), done };
}
