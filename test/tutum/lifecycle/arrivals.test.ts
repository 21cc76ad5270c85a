import { type Clock, systemClock } from "../../../provider/http/clock";
import { newOwner } from "../../../provider/resource/lifecycle/ownership-marker";
import type { Values } from "../../../provider/resource/table/field";
import { TutumClient } from "../../../provider/tutum/client";
import { applicationLifecycle } from "../../../provider/tutum/lifecycle";
import type { Intent } from "../../../provider/tutum/lifecycle/intents";
import { type RunningServer, startServer } from "../../../server/index";
import { rememberedIntents, silentOperation } from "./operation";

const MINUTE = 60_000;
const RESOURCE = "0123456789abcdef";
const OWNER = newOwner("identity", RESOURCE);

describe("a request that was on its way when its run was killed", () => {
  let server: RunningServer;
  let tutum: TutumClient;
  /** Milliseconds that pauses took, without anybody having waited. */
  let waited: number;
  let told: string[];
  beforeEach(async () => {
    server = await startServer({ times: { start: 5, stop: 5, scale: 5, terminate: 5, exit: 1 } });
    tutum = new TutumClient({ endpoint: server.url, user: server.user, apikey: server.apikey });
    waited = 0;
    told = [];
  });
  afterEach(() => server.close());

  /** It arrives after so many pauses; never, without a number. */
  const clock = (arrivesAfter = Number.POSITIVE_INFINITY): Clock => {
    let pauses = 0;
    return {
      now: () => systemClock.now() + waited,
      wall: () => systemClock.wall() + waited,
      async sleep(ms, signal) {
        if (ms > MINUTE / 4) return systemClock.sleep(ms, signal);
        if (ms >= 1_000) waited += ms;
        await systemClock.sleep(5, signal);
        if (++pauses === arrivesAfter) await arrive();
      },
    };
  };
  const arrive = () =>
    tutum.applications.create({
      image: "tutum/hello-world",
      name: "web",
      container_envvars: [{ key: "TUTUM_PULUMI_OWNER", value: OWNER.mark }],
    });

  const session = async (ports: { clock: Clock; begun: number; userHash?: string }) => {
    const { userHash, endpoint } = tutum;
    const begun = new Date(ports.begun).toISOString();
    const intent: Intent = {
      ...{ mark: OWNER.mark, stage: "begun", resource: RESOURCE, name: "web" },
      ...{ endpoint, userHash, begun },
    };
    const disk = new Map([[intent.mark, intent]]);
    const lifecycle = applicationLifecycle({
      env: {},
      intents: rememberedIntents(disk),
      clock: ports.clock,
    });
    const settings: Record<string, string> = {
      "tutum:endpoint": server.url,
      "tutum:user": server.user,
      "tutum:apikey": server.apikey,
      "tutum:owner": "identity",
    };
    const open = lifecycle.open(
      key => settings[key],
      () => undefined,
    );
    const tell = (message: string) => void told.push(message);
    const context = (values: Values) => open({ ...silentOperation, warn: tell, report: tell }, values);
    const given = { image: "tutum/hello-world", name: "web", resourceHash: RESOURCE };
    const { inputs } = lifecycle.check(context(given), {}, given);
    return { lifecycle, context, inputs, disk };
  };
  const alive = async () => {
    const found: string[] = [];
    for await (const { uuid, state } of tutum.applications.list())
      if (!state.startsWith("Terminat")) found.push(uuid);
    return found;
  };

  test("arrives while it is waited for: it is taken over, and nothing is made twice", async () => {
    const { lifecycle, context, inputs } = await session({ clock: clock(2), begun: Date.now() });
    const { id } = await lifecycle.create(context(inputs), inputs);
    expect(await alive()).toEqual([id]);
    expect(told).toContainEqual(expect.stringMatching(/waiting up to 60 s for it to appear/));
    expect(told).toContainEqual(expect.stringMatching(/^took over application web /));
  });

  test.each([
    ["now", 0, MINUTE],
    ["40 seconds ago", -40_000, 20_000],
    ["an hour ago", -60 * MINUTE, 0],
    ["in a year, as the clock was set back", 365 * 24 * 60 * MINUTE, MINUTE],
  ])("never arrives, begun %s: it is waited for until that is certain, and forgotten", async (_, ago, ms) => {
    const { lifecycle, context, inputs, disk } = await session({ clock: clock(), begun: Date.now() + ago });
    const { id } = await lifecycle.create(context(inputs), inputs);
    expect(await alive()).toEqual([id]);
    expect(waited).toBeGreaterThan(ms - 2_000);
    // Some more is waited for the one that is made then.
    expect(waited).toBeLessThan(ms + 5_000);
    expect([...disk.keys()]).not.toContain(OWNER.mark);
  });

  test("arrives after the program took the replacement back: it is removed", async () => {
    const { uuid } = await tutum.applications.create({ image: "tutum/hello-world", name: "web" });
    const { lifecycle, context, inputs } = await session({ clock: clock(2), begun: Date.now() });
    const outputs = { ...inputs, endpoint: tutum.endpoint, userHash: tutum.userHash };
    await lifecycle.update(context(inputs), uuid, outputs, inputs);
    expect(await alive()).toEqual([uuid]);
    expect(told).toContainEqual(expect.stringMatching(/^removed application web-2 /));
  });
});
