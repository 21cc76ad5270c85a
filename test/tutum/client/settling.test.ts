import type { Application } from "../../../provider/tutum/client";
import type { Applications } from "../../../provider/tutum/client/applications";
import { TutumApiError } from "../../../provider/tutum/client/errors";
import { SettlingPoller } from "../../../provider/tutum/client/settling";
import { VirtualClock } from "../../http/virtual-clock";

/** Applications that reach a state at a time, and a count of the requests they were asked by. */
class Account {
  lists = 0;
  gets = 0;
  failLists = 0;
  /** An application whose details are refused. */
  refuse = "";
  readonly #plans = new Map<string, { first: string; at: number; then: string | undefined }>();

  constructor(readonly clock: VirtualClock) {}

  add(uuid: string, first: string, at: number, then: string | undefined): Application {
    this.#plans.set(uuid, { first, at, then });
    return this.#show(uuid) as Application;
  }

  get applications(): Applications {
    const account = this;
    return {
      async *list({ state }: { state: string }) {
        account.lists++;
        if (account.failLists-- > 0)
          throw new TutumApiError({ message: "busy", method: "GET", path: "application/", status: 503 });
        for (const uuid of account.#plans.keys()) {
          const application = account.#show(uuid);
          if (application?.state === state) yield application;
        }
      },
      async get(uuid: string) {
        account.gets++;
        if (account.refuse === uuid) {
          throw new TutumApiError({ message: "forbidden", method: "GET", path: "application/", status: 403 });
        }
        const application = account.#show(uuid);
        if (application) return application;
        throw new TutumApiError({
          message: "not found",
          method: "GET",
          path: `application/${uuid}/`,
          status: 404,
        });
      },
    } as unknown as Applications;
  }

  #show(uuid: string): Application | undefined {
    const plan = this.#plans.get(uuid);
    const state = plan && (this.clock.now() >= plan.at ? plan.then : plan.first);
    if (!state) return undefined;
    return {
      uuid,
      unique_name: uuid,
      state,
      running_num_containers: 0,
      target_num_containers: 1,
    } as Application;
  }
}

describe("waiting until applications settle", () => {
  const setUp = () => {
    const account = new Account(new VirtualClock());
    return { account, poller: new SettlingPoller(account.applications, account.clock), clock: account.clock };
  };

  test("an application that was settled when it was seen is asked for at once, by one request", async () => {
    const { account, poller, clock } = setUp();
    await clock.run(poller.wait(account.add("a", "Running", 0, "Running"), { deadline: 1000 }));
    expect(account).toMatchObject({ lists: 0, gets: 1 });
    expect(clock.now()).toBe(0);
  });

  test.each(["Running", "Stopped", "Terminated", "Starting", "Levitating"])(
    "an application that was %s when it was seen, and is Scaling, is waited for",
    async state => {
      const { account, poller, clock } = setUp();
      const { uuid } = account.add("a", "Scaling", 2000, "Running");
      const stale = { ...(await account.applications.get(uuid)), state } as Application;
      const settled = await clock.run(poller.wait(stale, { deadline: 10_000 }));
      expect(settled?.state).toBe("Running");
      expect(clock.now()).toBeGreaterThanOrEqual(2000);
    },
  );

  test("an application that was Terminated when it was seen is gone at the first look", async () => {
    const { account, poller, clock } = setUp();
    const stale = account.add("a", "Terminated", 0, undefined) ?? { uuid: "a", state: "Terminated" };
    expect(await clock.run(poller.wait(stale as Application, { deadline: 10_000 }))).toBeUndefined();
    expect([clock.now(), account.gets]).toEqual([0, 1]);
  });

  test("a hundred applications cost a list call a look and one final look each", async () => {
    const { account, poller, clock } = setUp();
    const waits = Array.from({ length: 100 }, (_, n) =>
      poller.wait(account.add(`a${n}`, "Starting", 20_000, "Running"), { deadline: 600_000 }),
    );
    const settled = await clock.run(Promise.all(waits));
    expect(settled.map(application => application?.state)).toEqual(Array(100).fill("Running"));
    expect(account.gets).toBe(100);
    expect(account.lists).toBeLessThanOrEqual(36);
  });

  test("an application that starts in a second is seen within half of one, also behind slow ones", async () => {
    const { account, poller, clock } = setUp();
    const slow = poller.wait(account.add("slow", "Starting", 300_000, "Running"), { deadline: 600_000 });
    await clock.run(clock.sleep(200_000));
    const since = clock.now();
    await clock.run(
      poller.wait(account.add("quick", "Starting", since + 1000, "Running"), { deadline: 600_000 }),
    );
    expect(clock.now() - since).toBeLessThanOrEqual(1500);
    await clock.run(slow);
  });

  test("an unknown state is waited on", async () => {
    const { account, poller, clock } = setUp();
    const wait = poller.wait(account.add("a", "Levitating", 5000, "Running"), { deadline: 60_000 });
    expect((await clock.run(wait))?.state).toBe("Running");
  });

  test("a bad state ends the wait at once, with the application as last seen", async () => {
    const { account, poller, clock } = setUp();
    const wait = poller.wait(account.add("a", "Starting", 500, "Start failed"), { deadline: 60_000 });
    expect((await clock.run(wait))?.state).toBe("Start failed");
  });

  test("an application that is gone resolves to none", async () => {
    const { account, poller, clock } = setUp();
    const wait = poller.wait(account.add("a", "Terminating", 500, undefined), { deadline: 60_000 });
    expect(await clock.run(wait)).toBeUndefined();
  });

  test("the deadline is a last look, and its error tells the state", async () => {
    const { account, poller, clock } = setUp();
    const wait = poller.wait(account.add("a", "Starting", 1e9, "Running"), { deadline: 30_000 });
    await expect(clock.run(wait)).rejects.toThrow(
      "Application a is still Starting (0 of 1 containers running) after 30 s.",
    );
    expect(clock.now()).toBe(30_000);
  });

  test("an abort ends one wait and leaves the others", async () => {
    const { account, poller, clock } = setUp();
    const controller = new AbortController();
    const aborted = poller.wait(account.add("a", "Starting", 5000, "Running"), {
      deadline: 60_000,
      signal: controller.signal,
    });
    const other = poller.wait(account.add("b", "Starting", 5000, "Running"), { deadline: 60_000 });
    controller.abort(new Error("cancelled"));
    await expect(clock.run(aborted)).rejects.toThrow("cancelled");
    expect((await clock.run(other))?.state).toBe("Running");
  });

  test("an answer that refuses one application ends its wait alone", async () => {
    const { account, poller, clock } = setUp();
    const refused = poller.wait(account.add("a", "Starting", 500, "Running"), { deadline: 60_000 });
    const other = poller.wait(account.add("b", "Starting", 500, "Running"), { deadline: 60_000 });
    account.refuse = "a";
    const both = clock.run(Promise.allSettled([refused, other]));
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  test("a server that is gone throughout is named at the deadline", async () => {
    const { account, poller, clock } = setUp();
    account.failLists = 1e9;
    const wait = poller.wait(account.add("a", "Starting", 1e9, "Running"), { deadline: 3000 });
    account.refuse = "a";
    await expect(clock.run(wait)).rejects.toThrow(
      "is still Starting (0 of 1 containers running) after 3 s. Since then: busy",
    );
  });

  test("an abort is noticed at once, not at the next look", async () => {
    const { account, poller, clock } = setUp();
    const controller = new AbortController();
    const options = { deadline: 600_000, signal: controller.signal };
    const wait = poller.wait(account.add("a", "Starting", 1e9, "Running"), options);
    await clock.run(clock.sleep(300_000));
    const before = clock.now();
    controller.abort(new Error("cancelled"));
    await expect(wait).rejects.toThrow("cancelled");
    expect(clock.now()).toBe(before);
  });

  test("passing errors of the server are waited out", async () => {
    const { account, poller, clock } = setUp();
    account.failLists = 3;
    const wait = poller.wait(account.add("a", "Starting", 500, "Running"), { deadline: 60_000 });
    expect((await clock.run(wait))?.state).toBe("Running");
  });
});
