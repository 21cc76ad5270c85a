/**
 * Random sequences of API calls, of processes that die, of time that passes and of restarts: whatever happens, what
 * the server says of itself adds up. RUNS sets how many sequences, SEED repeats a failure that was printed.
 */
import fc from "fast-check";
import type { Application } from "../../../provider/tutum/client";
import type { ContainerState } from "../../../provider/tutum/client/types";
import type { ContainerRecord } from "../../../server/apis/tutum/model/records";
import { World } from "../../../server/apis/tutum/model/world";
import type { ManualClock } from "../../../server/host/ports/manual-clock";
import { type Container, temporaryFolder } from "../harness";
import { createSettlingClock, type InjectedAnswer, type InjectedServer, startInjected } from "../inject";

const RUNS = Number(process.env.RUNS ?? 30);
const SEED = process.env.SEED === undefined ? undefined : Number(process.env.SEED);
const TIMES = { start: 1_000, stop: 500, scale: 700, terminate: 500, exit: 3_000 };
const APPLICATIONS = "/api/v1/application/";
const CONTAINERS = "/api/v1/container/";

type Command =
  | { do: "create"; body: Record<string, unknown>; links: { of: number; alias: string | null }[] }
  | { do: "application"; which: number; action: string; tag: string }
  | { do: "patch"; which: number; body: Record<string, unknown> }
  | { do: "container"; which: number; action: string }
  | { do: "exit"; which: number; code: number }
  | { do: "wait"; ms: number }
  | { do: "restart" };

const policy = fc.constantFrom("OFF", "ON_FAILURE", "ALWAYS");
const which = fc.nat(30);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const create: fc.Arbitrary<Command> = fc.record({
  do: fc.constant("create" as const),
  body: fc.record({
    image: fc.constantFrom(
      "tutum/hello-world",
      "tutum/mysql",
      "tutum/lamp",
      "me/nothing",
      "tutum/exits:0",
      "tutum/exits:7",
      "tutum/start-fails",
    ),
    name: fc.constantFrom("web", "web-2", "web-1", "db", "x"),
    target_num_containers: fc.integer({ min: 1, max: 4 }),
    autorestart: optional(policy),
    autoreplace: optional(policy),
    autodestroy: optional(policy),
    roles: fc.constantFrom([], ["global"]),
  }),
  links: fc.array(fc.record({ of: which, alias: fc.constantFrom(null, "db", "cache") }), {
    maxLength: 3,
  }),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 2,
    arbitrary: create,
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("application" as const),
      which,
      action: fc.constantFrom("start/", "stop/", "redeploy/", "terminate", "terminate"),
      tag: fc.constantFrom("latest", "7", "0"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("patch" as const),
      which,
      body: fc.record(
        {
          target_num_containers: fc.integer({ min: 1, max: 5 }),
          autorestart: policy,
          autoreplace: policy,
          autodestroy: policy,
        },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("container" as const),
      which,
      action: fc.constantFrom("start/", "stop/", "terminate"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("exit" as const), which, code: fc.constantFrom(0, 1, 137, 255) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 400, 1_000, 61_000, 301_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
);

/** Some applications that run, and then anything; most of it after what was before has settled. */
const sequence = fc
  .tuple(
    fc.array(create, { minLength: 2, maxLength: 4, size: "max" }),
    fc.array(fc.tuple(command, fc.constantFrom(0, 0, 600, 5_000, 5_000, 20_000)), {
      minLength: 15,
      maxLength: 40,
      size: "max",
    }),
  )
  .map(([creates, steps]): Command[] => [
    ...creates,
    { do: "wait", ms: 8_000 },
    ...steps.flatMap(([step, ms]): Command[] => (ms === 0 ? [step] : [step, { do: "wait", ms }])),
  ]);

interface Shown {
  applications: Application[];
  containers: Container[];
}

/** One server on its folder, and what must be remembered to judge it. */
class Case {
  server: InjectedServer | undefined;
  private shown: Shown = { applications: [], containers: [] };
  private readonly states = new Map<string, string>();
  /** Highest container number seen in each application. */
  private readonly numbers = new Map<string, number>();
  private readonly mayShrink = new Set<string>();
  readonly clock: ManualClock = createSettlingClock(() => this.server);

  constructor(private readonly dataDir: string) {}

  async start(): Promise<void> {
    this.server = await startInjected({ dataDir: this.dataDir, clock: this.clock, times: TIMES });
  }

  async run(step: Command): Promise<void> {
    const uri = (all: { resource_uri: string }[], index: number) =>
      all[index % Math.max(all.length, 1)]?.resource_uri ??
      `${APPLICATIONS}00000000-0000-0000-0000-000000000000/`;
    const { applications, containers } = this.shown;
    if (step.do === "create") {
      const linked_to_application = step.links.flatMap(({ of, alias }) => {
        const target = applications[of % Math.max(applications.length, 1)]?.resource_uri;
        return target ? [alias ? { to_application: target, name: alias } : target] : [];
      });
      await this.call("POST", APPLICATIONS, { ...step.body, linked_to_application });
    } else if (step.do === "application") {
      const target = uri(applications, step.which);
      if (step.action === "terminate") await this.call("DELETE", target);
      else
        await this.call(
          "POST",
          target + step.action,
          step.action === "redeploy/" ? { tag: step.tag } : undefined,
        );
    } else if (step.do === "patch") await this.call("PATCH", uri(applications, step.which), step.body);
    else if (step.do === "container") {
      const target = uri(containers, step.which);
      if (step.action === "terminate") await this.call("DELETE", target);
      else await this.call("POST", target + step.action);
    } else if (step.do === "exit") {
      const running = containers.filter(({ state }) => state === "Running");
      const uuid = running[step.which % Math.max(running.length, 1)]?.uuid;
      if (uuid) await this.server?.exitContainer(uuid, step.code);
    } else if (step.do === "wait") await this.clock.advance(step.ms);
    else await this.restart();
    await this.check();
  }

  /** Ends and starts again: everything is as it was. */
  private async restart(): Promise<void> {
    await this.clock.advance(0);
    const before = await this.everything();
    await this.server?.close();
    this.server = undefined;
    await this.start();
    expect(await this.everything()).toEqual(before);
  }

  private async call(method: string, url: string, body?: unknown): Promise<InjectedAnswer> {
    const answer = await (this.server as InjectedServer).call(method, url, body);
    expect([method, url, answer.status < 500, answer.text]).toEqual([method, url, true, expect.anything()]);
    return answer;
  }

  private async list<T>(root: string): Promise<T[]> {
    const found: T[] = [];
    for (let next: string | null = `${root}?limit=100`; next; ) {
      const { body } = await this.call("GET", next);
      found.push(...body.objects);
      next = body.meta.next;
    }
    const { body } = await this.call("GET", `${root}?limit=1`);
    expect(body.meta.total_count).toBe(found.length);
    return found;
  }

  private async everything(): Promise<Shown> {
    const [applications, containers] = [
      await this.list<Application>(APPLICATIONS),
      await this.list<Container>(CONTAINERS),
    ];
    const details = <T>(objects: { resource_uri: string }[]): Promise<T[]> =>
      Promise.all(objects.map(async ({ resource_uri }) => (await this.call("GET", resource_uri)).body as T));
    return { applications: await details(applications), containers: await details(containers) };
  }

  private async check(): Promise<void> {
    // No time passes: what follows at once has its turn.
    await this.clock.advance(0);
    this.shown = await this.everything();
    const { applications, containers } = this.shown;
    this.checkNames(applications, containers);
    checkPorts(containers);
    checkLinks(applications);
    for (const application of applications) {
      const own = containers.filter(container => container.application === application.resource_uri);
      checkCounts(application, own);
      if (application.autodestroy !== "OFF") this.mayShrink.add(application.uuid);
      checkState(application, own, this.mayShrink.has(application.uuid));
      this.checkNumbers(application, own);
    }
    for (const { uuid, state } of [...applications, ...containers]) {
      const before = this.states.get(uuid);
      if (before === "Terminated") expect(state).toBe("Terminated");
      if (before === "Terminating") expect(state).toMatch(/^Terminat(ing|ed)$/);
      this.states.set(uuid, state);
    }
  }

  private checkNames(applications: Application[], containers: Container[]): void {
    for (const objects of [applications, containers]) {
      const uuids = objects.map(({ uuid }) => uuid);
      expect(new Set(uuids).size).toBe(uuids.length);
    }
    const names = applications.map(({ unique_name }) => unique_name);
    expect(new Set(names).size).toBe(names.length);
  }

  /** Numbers only go up: one that is gone is never given again. */
  private checkNumbers({ uuid, unique_name }: Application, own: Container[]): void {
    let highest = this.numbers.get(uuid) ?? 0;
    for (const container of own) {
      expect(container.unique_name.startsWith(`${unique_name}-`)).toBe(true);
      const number = Number(container.unique_name.slice(unique_name.length + 1));
      if (this.states.has(container.uuid)) continue;
      expect(number).toBeGreaterThan(highest);
      highest = number;
    }
    this.numbers.set(uuid, highest);
    expect(own.map(container => container.unique_name)).toEqual([...new Set(own.map(c => c.unique_name))]);
  }
}

const REST = ["Stopped", "Stopped with errors", "Start failed"];
const MOVING = ["Starting", "Stopping", "Terminating"];
const CONTAINER_STATES = ["Running", "Terminated", ...REST, ...MOVING];
const APPLICATION_STATES = [...CONTAINER_STATES, "Partly running", "Scaling", "Redeploying", "Not running"];

function checkCounts(application: Application, own: Container[]): void {
  const present = own.filter(({ state }) => state !== "Terminated");
  const count = (states: string[]) => present.filter(({ state }) => states.includes(state)).length;
  expect({
    uris: application.containers,
    current: application.current_num_containers,
    running: application.running_num_containers,
    stopped: application.stopped_num_containers,
  }).toEqual({
    uris: present.map(container => container.resource_uri),
    current: present.length,
    running: count(["Running"]),
    stopped: count(REST),
  });
  expect(count(["Running"]) + count(REST) + count(MOVING)).toBe(present.length);
}

/** Once nothing moves, the application's state is what its containers' are, and it has as many as it should. */
function checkState(application: Application, own: Container[], mayShrink: boolean): void {
  expect(APPLICATION_STATES).toContain(application.state);
  for (const { state } of own) expect(CONTAINER_STATES).toContain(state);
  const states = own.map(({ state }) => state).filter(state => state !== "Terminated");
  if (states.some(state => MOVING.includes(state))) return;
  const running = states.filter(state => state === "Running").length;
  const { state, target_num_containers: target } = application;
  if (states.length === 0) expect(["Not running", "Terminated"]).toContain(state);
  else if (running === states.length) expect(state).toBe("Running");
  else if (running > 0) expect(state).toBe("Partly running");
  else expect(states).toContain(state);
  if (state === "Terminated" || mayShrink) expect(states.length).toBeLessThanOrEqual(target);
  else expect(states.length).toBe(target);
}

function checkPorts(containers: Container[]): void {
  const taken = containers
    .filter(({ state }) => state !== "Terminated")
    .flatMap(({ public_dns, container_ports }) =>
      container_ports.map(({ outer_port }) => `${String(public_dns).split(".")[1]}:${outer_port}`),
    );
  expect(new Set(taken).size).toBe(taken.length);
}

/** Both ends show a link, until one of them is terminated or gone. */
function checkLinks(applications: Application[]): void {
  const living = applications.filter(({ state }) => state !== "Terminated");
  const to = living.flatMap(source =>
    (source.linked_to_application as (string | { to_application: string })[])
      .map(link => (typeof link === "string" ? link : link.to_application))
      .filter(target => living.some(({ resource_uri }) => resource_uri === target))
      .map(target => `${source.resource_uri} -> ${target}`),
  );
  const from = living.flatMap(target =>
    target.linked_from_application.map(source => `${source} -> ${target.resource_uri}`),
  );
  expect([...new Set(from)].sort()).toEqual([...new Set(to)].sort());
}

test("ports are unique on each node however containers come and go, also when all have been used once", () => {
  const step = fc.record({
    id: fc.nat(12),
    state: fc.constantFrom("Running", "Stopped", "Terminated", "gone"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), steps => {
      const world = new World();
      const nodes = ["a", "b"].map(name => ({
        name,
        up: true,
        answers: true,
        takenPorts: new Set<number>(),
      }));
      for (const [at, { id, state }] of steps.entries()) {
        const uuid = `c${id}`;
        const known = world.containers.get(uuid);
        // A terminated one never runs again.
        if (state === "gone" || known?.state === "Terminated") world.deleteContainer(uuid);
        else if (known) world.putContainer({ ...known, state: state as ContainerState });
        else if (state !== "Terminated") {
          const place = world.ports.find(2_500 + (at % 3), nodes);
          if (!place) continue;
          const ports = place.ports.map(outer_port => ({ protocol: "tcp", inner_port: 1, outer_port }));
          const record = {
            uuid,
            application: "app",
            number: at,
            node: place.node,
            state,
            destroyedAt: null,
            ports,
          };
          world.putContainer(record as unknown as ContainerRecord);
        }
        const taken = [...world.containers.values()]
          .filter(container => container.state !== "Terminated")
          .flatMap(({ node, ports }) => ports.map(({ outer_port }) => `${node}:${outer_port}`));
        if (new Set(taken).size !== taken.length) throw new Error("a port is taken twice");
      }
    }),
    { numRuns: 25, seed: SEED },
  );
});

test(`${RUNS} random sequences of calls, exits, waits and restarts keep every invariant`, async () => {
  const folder = temporaryFolder();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(sequence, async commands => {
      const one = new Case(`${folder}/${runs++}`);
      try {
        await one.start();
        for (const step of commands) await one.run(step);
        await one.run({ do: "restart" });
      } finally {
        await one.server?.close();
      }
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: false, interruptAfterTimeLimit: 240_000 },
  );
}, 300_000);
