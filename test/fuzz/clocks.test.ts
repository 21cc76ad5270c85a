/**
 * The wall clock is set forward and back, by seconds and by years, while the server runs and while it does not:
 * windows and lives stay as long as they are, and nothing is held back by a time that never comes.
 */
import type { Application } from "../../provider/tutum/client";
import { createMemoryBackend } from "../../server/apis/tutum/backend/memory";
import { DEFAULT_LIMITS } from "../../server/apis/tutum/model/settings";
import { World } from "../../server/apis/tutum/model/world";
import {
  createApplication,
  listApplications,
  startApplication,
  terminateApplication,
} from "../../server/apis/tutum/operations/applications";
import { exitContainer } from "../../server/apis/tutum/operations/containers";
import { Engine } from "../../server/apis/tutum/operations/engine";
import { FailureLimit } from "../../server/host/http/failure-limit";
import type { Clock } from "../../server/host/ports/clock";
import { silentLogger } from "../../server/host/ports/logger";
import { createManualClock, type ManualClock } from "../../server/host/ports/manual-clock";
import { systemRandom } from "../../server/host/ports/random";
import { inMemoryStorage } from "../../server/host/storage/storage";
import type { Chance } from "../simulation/chance";
import { fuzz } from "./seed";

const [SECOND, MINUTE, HOUR, DAY, YEAR] = [1_000, 60_000, 3_600_000, 86_400_000, 365 * 86_400_000];
const TIMES = { start: 1, stop: 1, scale: 1, terminate: 1, exit: 1 };
const LIFE = 5 * MINUTE;
const WINDOW = { ms: MINUTE, restarts: 3 };
const STEPS = [SECOND, MINUTE, HOUR, DAY, YEAR];
const PAUSES = [SECOND, 20 * SECOND, 70 * SECOND, 4 * MINUTE, 6 * MINUTE, 13 * HOUR];

/** One server after the other, on what the one before left. */
class Machine {
  /** What a clock that nobody sets says. */
  readonly real: ManualClock;
  /** By how much the wall clock is off. */
  offset = 0;
  startedAt = 0;
  /** When the clock was last set while no server ran: what was before cannot be told any more. */
  unseenAt = Number.NEGATIVE_INFINITY;
  engine: Engine;

  constructor() {
    this.real = createManualClock(undefined, () => this.engine.idle());
    this.engine = this.boot(new World());
  }

  /** `meanwhile`: by how much the clock is set while no server runs. */
  async restart(meanwhile: number): Promise<void> {
    await this.engine.idle();
    this.offset += meanwhile;
    if (meanwhile !== 0) this.unseenAt = this.real.now();
    const world = new World();
    const copy = <T>(values: Iterable<T>): T[] => JSON.parse(JSON.stringify([...values]));
    for (const record of copy(this.engine.world.applications.values())) world.putApplication(record);
    for (const record of copy(this.engine.world.containers.values())) world.putContainer(record);
    for (const record of copy(this.engine.world.account.values())) world.account.set(record.id, record);
    this.engine = this.boot(world);
    await this.engine.resume();
  }

  private boot(world: World): Engine {
    this.startedAt = this.real.now();
    const { startedAt, offset: offsetAtStart } = this;
    const clock: Clock = {
      now: () => this.real.now() + this.offset,
      steady: () => startedAt + offsetAtStart + (this.real.now() - startedAt),
      setTimeout: (task, ms) => this.real.setTimeout(task, ms),
    };
    const backend = createMemoryBackend(clock, TIMES);
    return new Engine({
      world,
      settings: {
        naming: { user: "admin", dnsDomain: "tutum.io", region: "dev", apiUrl: "https://app.tutum.co" },
        credentials: { authorization: "ApiKey admin:key" },
        limits: DEFAULT_LIMITS,
        places: backend,
      },
      backend,
      storage: inMemoryStorage,
      clock,
      random: systemRandom,
      logger: silentLogger,
    });
  }
}

const pick = <T>(chance: Chance, from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;

/** What has to be so, and a machine that it has to be so on. */
class Play {
  readonly machine = new Machine();
  private job: Application | undefined;
  private restarts: number[] = [];
  private readonly ended = new Map<string, number>();
  private readonly keys = new Map<string, { uuid: string; at: number }>();

  constructor(private readonly chance: Chance) {}

  get now(): number {
    return this.machine.real.now();
  }

  private get engine(): Engine {
    return this.machine.engine;
  }

  async begin(): Promise<void> {
    await this.engine.resume();
  }

  async step(): Promise<void> {
    const acts = [
      this.pass,
      this.pass,
      this.setClock,
      this.exit,
      this.exit,
      this.exit,
      this.createAgain,
      this.terminate,
    ];
    if (this.chance() < 0.1) await this.machine.restart(this.chance() < 0.3 ? this.aStep() : 0);
    else await pick(this.chance, acts).call(this);
    await this.machine.real.advance(5);
    this.checkEnded();
  }

  private async pass(): Promise<void> {
    await this.machine.real.advance(pick(this.chance, PAUSES));
  }

  private async setClock(): Promise<void> {
    this.machine.offset = this.chance() < 0.3 ? 0 : this.machine.offset + this.aStep();
    // Whoever asks next lets the server see it.
    this.engine.read(() => undefined);
  }

  private aStep(): number {
    return pick(this.chance, STEPS) * (this.chance() < 0.5 ? 1 : -1);
  }

  /** A container is restarted three times within a minute, whatever the wall clock says. */
  private async exit(): Promise<void> {
    const { engine, machine } = this;
    if (!this.job) {
      this.job = await createApplication(engine, { image: "a/b", name: "job", autorestart: "ALWAYS" });
      await machine.real.advance(5);
    }
    const container = engine.read(world =>
      [...world.containers.values()].find(one => one.uniqueName === "job-1"),
    );
    if (container?.state !== "Running") throw new Error(`the job is ${container?.state}`);
    const at = this.now;
    const recent = this.restarts.filter(time => at - time < WINDOW.ms);
    await exitContainer(engine, container.uuid, 1);
    await machine.real.advance(5);
    const isRunning = engine.read(world => world.containers.get(container.uuid))?.state === "Running";
    const isKnown = at - machine.unseenAt >= WINDOW.ms;
    const isDue = recent.length < WINDOW.restarts;
    if (isKnown && isRunning !== isDue) {
      throw new Error(
        `${recent.length} restarts within a minute, and it ${isRunning ? "was" : "was not"} restarted`,
      );
    }
    if (isRunning) this.restarts.push(at);
    else {
      await startApplication(engine, this.job.uuid);
      await machine.real.advance(5);
    }
  }

  /** A key means one application for a day. */
  private async createAgain(): Promise<void> {
    const { machine } = this;
    const key = pick(this.chance, ["k1", "k2", "k3"]);
    const known = this.keys.get(key);
    const at = this.now;
    const { uuid } = await createApplication(this.engine, { image: "a/b", name: key }, key);
    const isSame = known?.uuid === uuid;
    if (known) {
      const age = at - known.at;
      const isUnseen = known.at <= machine.unseenAt;
      if (age < DAY && !isSame && !isUnseen) throw new Error(`${key} forgotten after ${age} ms`);
      const longest = isUnseen ? at - machine.unseenAt : age;
      if (longest >= DAY && isSame) throw new Error(`${key} known after ${age} ms`);
    }
    if (!isSame) this.keys.set(key, { uuid, at });
  }

  private async terminate(): Promise<void> {
    const { uuid } = await createApplication(this.engine, { image: "a/b", name: "gone" });
    await this.machine.real.advance(5);
    await terminateApplication(this.engine, uuid);
    await this.machine.real.advance(1);
    this.ended.set(uuid, this.now);
  }

  /** What is terminated is shown for five minutes: not less in one run, and never for ever. */
  private checkEnded(): void {
    const { machine, now } = this;
    // Other pages are not looked at: there are never so many.
    const { objects } = listed(this.engine);
    const shown = new Set(objects.map(({ uuid }) => uuid));
    for (const [uuid, at] of this.ended) {
      // Another run knows its end by the clock for people alone.
      const shortest = at >= machine.startedAt ? LIFE - 10 : 0;
      if (now - at < shortest && !shown.has(uuid)) throw new Error(`forgotten ${now - at} ms after its end`);
      const since = Math.max(at, machine.startedAt);
      if (now - since > LIFE + 10 && shown.has(uuid))
        throw new Error(`shown ${now - since} ms after its end`);
      if (!shown.has(uuid)) this.ended.delete(uuid);
    }
  }
}

function listed(engine: Engine): { objects: { uuid: string }[] } {
  return { objects: engine.read(world => [...world.applications.values()]) };
}

fuzz(
  "windows and lives are as long as they are, however the clock is set",
  250,
  async ({ chance, count }) => {
    for (let round = 0; round < count; round++) {
      const play = new Play(chance);
      await play.begin();
      for (let step = 0; step < 40; step++) await play.step();
    }
  },
);

test("the limit on wrong credentials does not hear of the wall clock", () => {
  let wall = Date.UTC(2026, 0, 1);
  const spy = jest.spyOn(Date, "now").mockImplementation(() => wall);
  try {
    let steady = 0;
    const limit = new FailureLimit(10, 100, () => steady);
    for (let failure = 0; failure < 10; failure++) {
      wall += failure % 2 ? YEAR : -YEAR;
      limit.add("10.0.0.1");
    }
    expect(limit.isExceeded("10.0.0.1")).toBe(true);
    steady = 1_001;
    expect(limit.isExceeded("10.0.0.1")).toBe(false);
  } finally {
    spy.mockRestore();
  }
});

test("the lists that the operations show are those that were looked at", async () => {
  const { engine } = new Machine();
  await createApplication(engine, { image: "a/b", name: "one" });
  const { objects } = (await listApplications(engine, {})) as { objects: { uuid: string }[] };
  expect(objects.map(({ uuid }) => uuid)).toEqual(listed(engine).objects.map(({ uuid }) => uuid));
});
