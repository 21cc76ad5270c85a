/**
 * One simulation: provider, engine and server in this process under virtual time. Runs a schedule with its faults,
 * then lets everything be well, and throws `Broken` when what must hold does not.
 */
import { isDeepStrictEqual } from "node:util";
import type { Application } from "../../provider/tutum/client";
import { chanceOf } from "./chance";
import { EngineRun, type Program, type RunResult, Stack } from "./engine";
import { fingerprint, incomplete, isAlive, isMoving, markOf, markOn, undeclared, untrue } from "./judge";
import { Machine } from "./machine";
import { Network } from "./network";
import { ProviderHost } from "./provider-host";
import { type Act, type Incident, NAMES, type Round, type Schedule, shownAct } from "./schedule";
import { SimulatedServer } from "./simulated-server";
import { VirtualTime } from "./virtual-time";

const IDENTITY = "identity-of-this-stack";
const OTHER_IDENTITY = "identity-of-another-stack";
/** Longest that a run may take, in milliseconds: several operations of ten minutes one after the other. */
const LONGEST_RUN = 3 * 3_600_000;

/** An invariant does not hold. The message says which, and what had happened before. */
export class Broken extends Error {}

export interface Outcome {
  /** How many ups it took after the faults had stopped. */
  ups: number;
  requests: number;
  /** How often each fault was met, by `fault\tkind of request`. */
  met: ReadonlyMap<string, number>;
  /** Runs and events, as lines. */
  log: string[];
}

export async function simulate(schedule: Schedule): Promise<Outcome> {
  const simulation = new Simulation(schedule);
  return simulation.run();
}

class Simulation {
  readonly #time = new VirtualTime();
  readonly #chance: () => number;
  readonly #server: SimulatedServer;
  readonly #network: Network;
  readonly #stack = new Stack();
  readonly #machine = new Machine();
  readonly #second: SecondState;
  readonly #log: string[] = [];
  /** All that any run has told its user. */
  readonly #told: string[] = [];
  readonly #strangers = new Map<string, unknown>();
  #program: Program = [];
  /** The last up did not succeed: what it declared stays declared in some form until one has. */
  #unfinished = false;
  /** The provider was killed in the last up. */
  #killed = false;
  /** Others have acted since the state was last read. */
  #disturbed = false;
  /** How often others have acted. */
  #disturbances = 0;
  /** `tutum:owner`. */
  #identity = IDENTITY;

  constructor(private readonly schedule: Schedule) {
    this.#chance = chanceOf(schedule.seed);
    this.#server = new SimulatedServer(this.#time, this.#chance, schedule.keys);
    this.#network = new Network(this.#time, this.#chance, this.#server);
    const machine = schedule.sameMachine ? this.#machine : new Machine();
    this.#second = new SecondState(this.#time, this.#chance, this.#network, machine);
  }

  async run(): Promise<Outcome> {
    try {
      await this.#time.run(this.#server.start());
      for (const round of this.schedule.rounds) await this.#round(round);
      const ups = await this.#converge();
      await this.#leave();
      return { ups, requests: this.#network.requests, met: this.#network.met, log: this.#log };
    } catch (error) {
      const message = error instanceof Broken ? error.message : String((error as Error).stack ?? error);
      throw new Broken(`${message}\n${this.#log.map(line => `  ${line}`).join("\n")}`);
    } finally {
      await this.#server.close();
    }
  }

  async #round(round: Round): Promise<void> {
    for (const act of round.before) await this.#time.run(this.#act(act));
    if (round.command !== "refresh") {
      const next = this.#unfinished ? withAll(round.program, this.#program) : round.program;
      // What a killed update did is in no state: only a refresh shows it, when the program wants something else by now.
      if (this.#killed && !isDeepStrictEqual(next, this.#program)) this.#disturbed = true;
      this.#program = next;
    }
    if (round.command !== "up") await this.#pulumi("refresh", round);
    if (round.command !== "refresh") await this.#up(round);
    await this.#time.run(this.#time.sleep(round.pause * 1_000));
  }

  /** `pulumi up`; one that succeeds has done what it said. */
  async #up(round?: Round): Promise<boolean> {
    const calm = !this.#disturbed;
    const { errors } = await this.#pulumi("up", round);
    this.#unfinished = errors.length > 0;
    // A user does what the message says.
    if (errors.some(error => error.includes("run `pulumi refresh`"))) this.#disturbed = true;
    if (errors.some(error => error.includes("under an identity of its own"))) {
      this.#identity += "'";
      this.#log.push("pulumi config set tutum:owner …");
    }
    if (!this.#unfinished && calm && !this.#disturbed) await this.#expectDeclared();
    return !this.#unfinished;
  }

  async #refresh(): Promise<void> {
    const { errors } = await this.#pulumi("refresh");
    if (errors.length > 0) throw new Broken(`a refresh failed without any fault: ${errors.join("; ")}`);
    this.#disturbed = false;
  }

  /** After the faults have stopped. Returns how many ups it took. */
  async #converge(): Promise<number> {
    this.#log.push("all is well from here");
    if (this.#disturbed || this.schedule.refresh) await this.#refresh();
    let ups = 1;
    for (let identity = this.#identity; !(await this.#up()); identity = this.#identity) {
      // One that only asked whose an application is has done nothing yet.
      if (identity === this.#identity && ++ups > 2) throw new Broken("two ups did not converge");
      if (this.#disturbed) await this.#refresh();
    }
    await this.#expectDeclared();
    await this.#expectNobodyElse();
    for (const command of ["preview", "refresh"] as const) {
      const { operations, errors } = await this.#pulumi(command);
      const left = operations.filter(({ operation }) => operation !== "same");
      if (errors.length + left.length > 0)
        throw new Broken(`a ${command} is not empty: ${[...errors, ...left.map(told)].join("; ")}`);
    }
    return ups;
  }

  /** Destroys the stack: only strangers' applications are left. */
  async #leave(): Promise<void> {
    const { errors } = await this.#pulumi("destroy");
    if (errors.length > 0) throw new Broken(`destroy failed without any fault: ${errors.join("; ")}`);
    this.#program = [];
    await this.#expectNobodyElse();
  }

  async #pulumi(
    command: "up" | "refresh" | "preview" | "destroy",
    { incidents }: { incidents: Incident[] } = { incidents: [] },
  ): Promise<RunResult> {
    const { parallel, identity } = this.schedule;
    const disturbances = this.#disturbances;
    const host = new ProviderHost({
      time: this.#time,
      chance: this.#chance,
      transport: to => this.#network.transport(to),
      identity: identity ? this.#identity : undefined,
      intents: this.#machine.intentsOf("first", uuid => this.#stack.resources.some(({ id }) => id === uuid)),
      warn: message => this.#told.push(message),
    });
    const engine = new EngineRun(this.#stack, host, { dryRun: command === "preview", parallel });
    this.#network.begin(incidents, { act: act => this.#act(act), cancel: () => engine.cancel() });
    this.#network.readOnly = command === "refresh" || command === "preview";
    const [begun, requests] = [this.#time.now(), this.#network.requests];
    const known = this.#stack.resources.map(({ id, name }) => ({ id, name }));

    const result = await this.#time.run(this.#start(engine, command));
    if (command === "up") this.#killed = host.dead;
    host.end();

    const took = this.#time.now() - begun;
    this.#log.push(
      `pulumi ${command}: ${result.operations.map(told).join(", ") || "nothing"}; ` +
        `${this.#network.requests - requests} requests, ${Math.round(took / 100) / 10} s` +
        (result.errors.length > 0 ? `; failed: ${result.errors.join(" / ")}` : ""),
    );
    this.#told.push(...result.errors);
    if (command === "refresh" && result.errors.length === 0 && (await this.#hasSeenAll(disturbances)))
      this.#disturbed = false;
    if (command === "preview" && this.#network.requests > requests)
      throw new Broken("a preview sent requests");
    if (took > LONGEST_RUN) throw new Broken(`a run took ${took / 1000} s`);
    await this.#expectNothingLost(known, result.errors);
    return result;
  }

  #start(engine: EngineRun, command: string): Promise<RunResult> {
    if (command === "refresh") return engine.refresh();
    return command === "destroy" ? engine.destroy() : engine.up(this.#program);
  }

  /** What must hold after every run, however it ended. */
  async #expectNothingLost(known: { id: string; name: string }[], errors: string[]): Promise<void> {
    const [violation] = this.#network.violations;
    if (violation) throw new Broken(violation);
    if (({} as { polluted?: unknown }).polluted) throw new Broken("an answer became everybody's prototype");
    const secret = errors.find(error => error.includes("canary-"));
    if (secret) throw new Broken(`a message tells a secret: ${secret}`);
    const flaws = this.#stack.resources.flatMap(incomplete);
    if (flaws.length > 0) throw new Broken(flaws.join("; "));

    await this.#whenUp();
    const all = await this.#applications();
    const kept = new Set(this.#stack.resources.map(({ id }) => id));
    for (const { id, name } of known) {
      const application = all.find(({ uuid }) => uuid === id);
      if (application && isAlive(application) && !kept.has(id))
        throw new Broken(`${name} (${id}) lives, and is in the state no more`);
    }
    for (const application of all.filter(isAlive)) {
      if (kept.has(application.uuid) || this.#strangers.has(application.uuid)) continue;
      if (!this.#isFindable(application))
        throw new Broken(
          `nobody will find application ${application.unique_name} (${application.uuid}) again`,
        );
    }
  }

  /** By what the machine remembers of its creation, or by what the user was told. */
  #isFindable(application: Application): boolean {
    if (this.#isToldOf(application) || this.#isSecond(application)) return true;
    const mark = markOn(application);
    return this.#machine
      .intentsOf("first")
      .read()
      .some(intent => intent.mark === mark && intent.stage !== "kept");
  }

  #isSecond(application: Application): boolean {
    return this.#network.seconds.has(markOn(application) ?? "");
  }

  #isToldOf(application: Application): boolean {
    const mark = markOn(application) ?? application.uuid;
    return this.#told.some(text => text.includes(mark) || text.includes(application.uuid));
  }

  /** Exactly the declared applications, as declared, and a state that tells the truth. */
  async #expectDeclared(): Promise<void> {
    await this.#whenUp();
    const all = await this.#applications();
    const { resources } = this.#stack;
    const names = resources.map(({ name }) => name).sort();
    const declared = this.#program.map(({ name }) => name).sort();
    if (!isDeepStrictEqual(names, declared))
      throw new Broken(
        `the state holds ${names.join(", ") || "nothing"}, declared is ${declared.join(", ")}`,
      );
    const idOf = (name: string) => this.#stack.find(name)?.id ?? "";
    const flaws = this.#program.flatMap(declaration => {
      const resource = this.#stack.find(declaration.name);
      const application = all.find(({ uuid }) => uuid === resource?.id);
      if (!resource || !application) return [`${declaration.name} is not on the server`];
      return [...undeclared(declaration, application, idOf), ...untrue(resource, application)];
    });
    if (flaws.length > 0) throw new Broken(`after an up that succeeded: ${flaws.join("; ")}`);
  }

  /** Nothing of ours but what is in the state, and strangers' applications as they were. */
  async #expectNobodyElse(): Promise<void> {
    const all = await this.#applications();
    const kept = new Set(this.#stack.resources.map(({ id }) => id));
    for (const application of all.filter(isAlive)) {
      if (kept.has(application.uuid) || this.#strangers.has(application.uuid)) continue;
      if (this.#isToldOf(application) || this.#isSecond(application)) continue;
      throw new Broken(`application ${application.unique_name} (${application.uuid}) is left over`);
    }
    for (const [uuid, before] of this.#strangers) {
      const application = all.find(one => one.uuid === uuid);
      if (!application || !isDeepStrictEqual(fingerprint(application), before))
        throw new Broken(`a stranger's application ${uuid} is not as it was`);
    }
  }

  /** Somebody else, at the dashboard or in another stack. */
  async #act({ act, name }: Act): Promise<void> {
    if (!this.#server.isRunning) return;
    this.#log.push(shownAct({ act, name }));
    if (act === "move") return this.#move();
    if (act === "second-up" || act === "second-destroy") return this.#actSecond(act);
    if (act === "namesake" || act === "twin-stack") return this.#settleDown(act, name);
    const target = (await this.#applications()).find(
      one => one.name === name && isAlive(one) && !this.#strangers.has(one.uuid) && !this.#isSecond(one),
    );
    if (!target) return;
    this.#disturbed = true;
    this.#disturbances++;
    const path = `application/${target.uuid}/`;
    const change = (body: object) => this.#network.direct({ method: "PATCH", path, body });
    const post = (what: string) => this.#network.direct({ method: "POST", path: `${path}${what}/` });
    if (act === "scale") await change({ target_num_containers: 4 });
    else if (act === "domain") await change({ web_public_dns: "elsewhere.example.com" });
    else if (act === "terminate") await this.#network.direct({ method: "DELETE", path });
    else await post(act);
  }

  /** All that the state has is the second state's from here on, and the stack is made anew, without anything. */
  #move(): void {
    if (!this.schedule.identity || this.#stack.resources.length === 0) return;
    for (const { outputs } of this.#stack.resources) this.#network.seconds.add(String(outputs.owner));
    this.#second.take(this.#stack);
  }

  /** A colleague's clone of the program: the same stack, the same identity, a state of its own. */
  async #actSecond(act: "second-up" | "second-destroy"): Promise<void> {
    if (!this.schedule.identity) return;
    const program = this.#program.length > 0 ? this.#program : (this.schedule.rounds[0]?.program ?? []);
    const errors = await this.#second.run(act === "second-up" ? program : undefined);
    this.#log.push(`  the second state: ${errors.join(" / ") || "done"}`);
    const bug = errors.find(error => error.includes("TypeError"));
    if (bug) throw new Broken(`the second state met a bug: ${bug}`);
  }

  /** An application of the same name that is none of ours: without a mark, or with that of a stack of our name. */
  async #settleDown(act: "namesake" | "twin-stack", name: string): Promise<void> {
    const mark = { key: "TUTUM_PULUMI_OWNER", value: markOf(OTHER_IDENTITY, name) };
    const body = {
      image: "tutum/hello-world",
      name,
      ...(act === "twin-stack" ? { container_envvars: [mark] } : {}),
    };
    const { status, text } = await this.#network.direct({ method: "POST", path: "application/", body });
    if (status !== 202) return;
    const { uuid } = JSON.parse(text) as Application;
    this.#network.strangers.add(uuid);
    this.#strangers.set(uuid, fingerprint(JSON.parse(text) as Application));
  }

  #applications(): Promise<Application[]> {
    return this.#server.applications();
  }

  /**
   * Whether a refresh has shown all that others did. Not what they did while it read, nor what came of a change that
   * it saw under way: read does not wait for others' changes, and says what it saw.
   */
  async #hasSeenAll(disturbances: number): Promise<boolean> {
    if (this.#disturbances > disturbances) return false;
    if (this.#stack.resources.some(({ outputs }) => isMoving(String(outputs.state)))) return false;
    await this.#whenUp();
    return (await this.#applications()).every(
      application => this.#isSecond(application) || !isMoving(application.state),
    );
  }

  /** A server that crashed is back. */
  async #whenUp(): Promise<void> {
    if (!this.#server.isRunning) await this.#time.run(this.#time.sleep(10_000));
  }
}

/** A second state of the same identity, and what runs it. */
class SecondState {
  readonly #stack = new Stack();

  constructor(
    private readonly time: VirtualTime,
    private readonly chance: () => number,
    private readonly network: Network,
    private readonly machine: Machine,
  ) {}

  /** `pulumi stack export` there and `import` here, in place of what was here. */
  take(stack: Stack): void {
    this.#stack.resources = stack.resources.splice(0);
  }

  /** `pulumi up` of a program, or `pulumi destroy`. Returns the errors. */
  async run(program: Program | undefined): Promise<string[]> {
    const { time, chance, network, machine } = this;
    const host = new ProviderHost({
      time,
      chance,
      transport: () => network.second(),
      identity: IDENTITY,
      intents: machine.intentsOf("second"),
      warn: () => undefined,
    });
    const engine = new EngineRun(this.#stack, host, { dryRun: false, parallel: 2 });
    const { errors } = await (program ? engine.up(program) : engine.destroy());
    host.end();
    return errors;
  }
}

/**
 * The next program, with what it would leave out of the last one: a creation that was cut short is found again by the
 * next `up` that declares it, and is nobody's when none does.
 */
function withAll(next: Program, last: Program): Program {
  const missing = last.filter(({ name }) => !next.some(one => one.name === name));
  return [...next, ...missing].sort((one, other) => NAMES.indexOf(one.name) - NAMES.indexOf(other.name));
}

function told({ name, operation }: { name: string; operation: string }): string {
  return `${operation} ${name}`;
}
