/** Plays scenarios: a run with its incident, then runs of new provider processes until all is as declared. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Application } from "../../provider/tutum/client";
import { type RunningServer, startServer } from "../../server/index";
import { until } from "../until";
import { applicationsOn, differences, isAlive, isMarked } from "./judge";
import { ProviderHost } from "./provider-host";
import { isEnd, type Program, REQUESTS, ruleOf, type Scenario } from "./scenario";
import { HostStack } from "./stack";

const IDENTITY = "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10";
const TIMES = { start: 5, stop: 5, scale: 5, terminate: 5, exit: 5 };

/** A scenario with a stack, a server and an account of its own. */
interface Stage {
  scenario: Scenario;
  stack: HostStack;
  server: RunningServer;
  account: string;
  /** Applications of others, as they were. */
  strangers: Application[];
}

export interface Outcome {
  scenario: Scenario;
  /** What does not hold. */
  flaws: string[];
  /** Whether a request of the kind came, for the incident to happen to. */
  met: boolean;
  /** How many runs it took after the one with the incident; 0: that one did it. */
  ups: number;
}

/**
 * All at once. What needs a process of its own gets one; the others share a process in each phase, as the resources
 * of a large stack do.
 */
export async function play(scenarios: readonly Scenario[]): Promise<Outcome[]> {
  const stages = await Promise.all(scenarios.map(prepare));
  const memory = mkdtempSync(join(tmpdir(), "tutum-host-"));
  const outcomes = stages.map(({ scenario }) => ({ scenario, flaws: [] as string[], met: false, ups: 0 }));
  const phase = (work: (host: ProviderHost, stage: Stage, outcome: Outcome) => Promise<void>) =>
    inOneProcess(stages, memory, host =>
      Promise.all(stages.map((stage, index) => work(host, stage, outcomes[index] as Outcome))),
    );
  try {
    await phase(async (host, { scenario: { before }, stack }, { flaws }) => {
      flaws.push(...(await stack.up(host, before)));
    });
    await phase(async (host, stage, outcome) => {
      const { what } = stage.scenario.incident;
      const disturb = (own: ProviderHost) => disturbed(own, stage, outcome);
      await (isEnd(what) ? inOneProcess([stage], memory, disturb) : disturb(host));
    });
    await phase(recovered);
    await phase(left);
    return outcomes;
  } finally {
    await Promise.all(stages.map(({ server }) => server.close()));
    rmSync(memory, { recursive: true });
  }
}

async function prepare(scenario: Scenario, index: number): Promise<Stage> {
  const server = await startServer({ times: TIMES });
  const [first] = [...scenario.before, ...scenario.after];
  if (scenario.namesake && first)
    await server.seed({ applications: { [first.name]: { image: "tutum/hello-world" } } });
  const account = `account-${index}`;
  const stack = new HostStack(`scenario-${index}`, account);
  return { scenario, server, account, stack, strangers: await applicationsOn(server) };
}

async function inOneProcess(
  stages: readonly Stage[],
  memory: string,
  work: (host: ProviderHost) => Promise<unknown>,
): Promise<void> {
  const accounts = stages.map(({ account, server: { url, user, apikey } }) => [
    account,
    { endpoint: url, user, apikey },
  ]);
  const config = {
    "tutum:owner": IDENTITY,
    "tutum:accounts": JSON.stringify(Object.fromEntries(accounts)),
  };
  const host = await ProviderHost.start(config, memory);
  try {
    await work(host);
  } finally {
    await host.kill();
  }
}

/** The run with the incident. What it leaves behind is for the next one. */
async function disturbed(
  host: ProviderHost,
  { scenario, server, stack }: Stage,
  outcome: Outcome,
): Promise<void> {
  const { on, nth, what } = scenario.incident;
  if (nth > 1) server.faults.add({ ...REQUESTS[on], times: nth - 1 });
  const rule = server.faults.add(ruleOf(scenario.incident));
  const status = () => server.faults.list().find(({ id }) => id === rule);
  let [ended, met] = [false, false];
  const run = stack.up(host, scenario.after).finally(() => {
    ended = true;
  });
  if (isEnd(what)) {
    await until(() => ended || status()?.held === 1, "the request comes");
    met = status()?.applied === 1;
    if (what.startsWith("killed")) await host.kill();
    else if (!ended) await host.cancel();
    // The answer to a creation is waited for: with it the application is in the state.
    if (on === "create") server.faults.release(rule);
  }
  await run;
  outcome.met = met || status()?.applied === 1;
  server.faults.clear();
  const told = JSON.stringify(stack.resources.map(({ outputs: { containerEnvvars: _, ...open } }) => open));
  const kept = new Set(stack.resources.map(({ id }) => id));
  const lost = (await applicationsOn(server)).filter(
    one => isAlive(one) && isMarked(one) && !kept.has(one.uuid),
  );
  // Only what nobody could know of may be missing in the state, until the next run finds it.
  if (lost.length > 0 && on !== "create" && !what.startsWith("killed"))
    outcome.flaws.push(`not in the state is ${lost.map(({ unique_name }) => unique_name)}`);
  if (told.includes("canary-")) outcome.flaws.push("a secret is in an output that is none");
}

/** The next run, and the one after it. */
async function recovered(
  host: ProviderHost,
  { scenario: { after }, stack, server, strangers }: Stage,
  outcome: Outcome,
): Promise<void> {
  if ((await stack.preview(host, after)).length > 0 || stack.resources.some(({ failed }) => failed)) {
    for (let errors: string[] = ["-"]; errors.length > 0; outcome.ups++) {
      if (outcome.ups === 2) return void outcome.flaws.push("two runs did not converge:", ...errors);
      errors = await stack.up(host, after);
    }
  }
  outcome.flaws.push(
    ...(await stack.preview(host, after)).map(change => `still to be done: ${change}`),
    ...(await found(after, stack, server, strangers)),
  );
}

async function left(
  host: ProviderHost,
  { stack, server, strangers }: Stage,
  { flaws }: Outcome,
): Promise<void> {
  flaws.push(...(await stack.up(host, [])), ...(await found([], stack, server, strangers)));
}

/** What is not as declared, or no more as it was. */
async function found(
  program: Program,
  stack: HostStack,
  server: RunningServer,
  strangers: readonly Application[],
): Promise<string[]> {
  const all = await applicationsOn(server);
  const ids = Object.fromEntries(stack.resources.map(({ name, id }) => [name, id]));
  const own = all.filter(isMarked);
  const untouched = isDeepStrictEqual(
    all.filter(application => !isMarked(application)),
    strangers,
  );
  return [
    ...differences(program, ids, own.filter(isAlive)),
    ...(own.length > stack.creations ? [`${own.length} were made of ${stack.creations} creations`] : []),
    ...(untouched ? [] : ["somebody else's application is not as it was"]),
  ];
}
