import { inspect } from "node:util";
import { isTutumApiError, RetryBudget, TutumClient } from "../../../provider/tutum/client";
import { type FaultRule, type RunningServer, startServer } from "../../../server/index";

const KEY = "canary-key-88d0";
const SECRET = "canary-secret-31aa";

/** Every kind of fault that the server can make, by method: what came of it, how often it was asked, what is there. */
describe("the client against the server's faults", () => {
  let server: RunningServer;
  let tutum: TutumClient;
  let uuid: string;
  beforeEach(async () => {
    server = await startServer({ apikey: KEY, times: { start: 1, stop: 1, scale: 1, terminate: 1 } });
    tutum = new TutumClient({
      endpoint: server.url,
      user: server.user,
      apikey: KEY,
      env: {},
      timeout: 1500,
      retryBudget: new RetryBudget(),
    });
    const created = await tutum.applications.create({ image: "tutum/redis", name: "there" });
    uuid = (await tutum.waitFor(created, ["Running"])).uuid;
    server.clearRequests();
  });
  afterEach(() => server.close());

  const calls = {
    get: () => tutum.applications.get(uuid),
    list: () => tutum.applications.page(),
    patch: () => tutum.applications.update(uuid, { autorestart: "ALWAYS" }),
    delete: () => tutum.applications.terminate(uuid),
    create: () =>
      tutum.applications.create({
        image: "tutum/redis",
        name: "new",
        container_envvars: [{ key: "A", value: SECRET }],
      }),
    stop: () => tutum.applications.stop(uuid),
  };
  const REPEATABLE = ["get", "list", "patch", "delete"] as const;
  const ONCE = ["create", "stop"] as const;

  /** What was sent, what was thrown (if anything), and whether the change is there. */
  async function outcome(name: keyof typeof calls, rule: FaultRule) {
    server.faults.add({ path: "/api/**", ...rule });
    const error = await calls[name]().then(
      () => undefined,
      (error: unknown) => error,
    );
    const sent = server.requests.length;
    server.faults.clear();
    if (error !== undefined && !isTutumApiError(error)) throw error;
    const shown =
      inspect(error, { depth: 20, showHidden: true }) +
      JSON.stringify(error) +
      JSON.stringify(server.requests);
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain(SECRET);
    return { sent, message: error?.message, ambiguous: error?.ambiguous };
  }
  const isThere = async (name: keyof typeof calls) => {
    if (name === "create") return (await tutum.applications.page({ name: "new" })).objects.length;
    const { state, autorestart } = await tutum.applications.get(uuid);
    return { stop: /^Stop/.test(state), delete: /^Termina/.test(state), patch: autorestart === "ALWAYS" }[
      name as string
    ];
  };

  const lasting: [string, FaultRule, RegExp][] = [
    ["a status", { answer: { status: 503, body: { error: "busy" } } }, /status 503: busy/],
    ["HTML", { answer: { status: 502, html: true } }, /status 502/],
    ["a cut body", { cut: 20 }, /aborted/],
    ["a connection dropped before", { drop: "before" }, /socket hang up|ECONNRESET/],
  ];
  describe.each(lasting)("%s", (_what, rule, message) => {
    test.each(REPEATABLE)("%s is asked three times, then fails", async name => {
      const { sent, message: said } = await outcome(name, rule);
      expect(sent).toBe(3);
      expect(said).toMatch(message);
    });
    test.each(ONCE)("%s is sent once, and is in doubt", async name => {
      const { sent, message: said, ambiguous } = await outcome(name, rule);
      expect([sent, ambiguous]).toEqual([1, true]);
      expect(said).toMatch(message);
    });
  });

  test.each(REPEATABLE)("one lost answer: %s succeeds at the second try", async name => {
    const { sent, message } = await outcome(name, { drop: "after", times: 1 });
    // The second DELETE is told that the first one did it.
    expect([sent, message === undefined || (name === "delete" && /status 400/.test(message))]).toEqual([
      2,
      true,
    ]);
    if (name === "patch" || name === "delete") expect(await isThere(name)).toBe(true);
  });

  test.each(ONCE)("one lost answer: %s is in doubt, and was done", async name => {
    const { sent, ambiguous } = await outcome(name, { drop: "after", times: 1 });
    expect([sent, ambiguous]).toEqual([1, true]);
    expect(await isThere(name)).toBeTruthy();
  });

  test("one create that never arrived is in doubt, and was not done", async () => {
    await outcome("create", { drop: "before", times: 1 });
    expect(await isThere("create")).toBe(0);
  });

  test.each([...REPEATABLE, ...ONCE])(
    "throttled once: %s waits as long as it is told, and succeeds",
    async name => {
      const answer = { status: 429, retryAfter: 1, body: { error: "slow down" } };
      const before = performance.now();
      const { sent, message } = await outcome(name, { answer, times: 1 });
      expect([sent, message]).toEqual([2, undefined]);
      expect(performance.now() - before).toBeGreaterThanOrEqual(990);
    },
  );

  test.each([...REPEATABLE, ...ONCE])("a held answer: %s ends at its deadline", async name => {
    const { message } = await outcome(name, { hold: "after" });
    expect(message).toContain("no complete answer within 1.5 s");
  });

  test.each([...REPEATABLE, ...ONCE])("a slow answer: %s waits for it", async name => {
    expect(await outcome(name, { latency: 200 })).toMatchObject({ sent: 1, message: undefined });
  });
});
