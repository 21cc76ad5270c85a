import type { Application } from "../../provider/tutum/client";
import { createManualClock } from "../../server/index";
import { until } from "../until";
import { declare, hello } from "./declarations";
import { type RunningCli, Stack } from "./stack";
import { emptied, step, succeeded } from "./step";

jest.setTimeout(300_000);

describe("what was changed by hand: refresh shows it property by property, and up repairs it", () => {
  let stack: Stack;
  const domain = { webPublicDns: "a.example.com" };

  beforeAll(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    declare(
      stack,
      hello("scaled", { targetNumContainers: 2 }),
      hello("domain", domain),
      hello("cleared", domain),
      hello("restart"),
      hello("replace"),
      hello("destroy", { autodestroy: "ON_FAILURE" }),
      hello("several"),
      hello("ignored", domain, { ignoreChanges: ["targetNumContainers", "webPublicDns", "autorestart"] }),
      hello("ignored-power", {}, { ignoreChanges: ["running"] }),
      hello("ignored-image", {}, { ignoreChanges: ["image"] }),
      hello("stopped"),
      hello("idle", { running: false }),
      hello("one-stopped", { targetNumContainers: 3 }),
      hello("one-terminated", { targetNumContainers: 3 }),
      hello("all-terminated"),
      hello("redeployed"),
      hello("gone"),
    );
    await step(stack);
  });
  afterAll(() => stack.dispose());

  /** Does something to an application through the API, and waits until it rests. */
  const byHand = async (name: string, act: (application: Application) => Promise<unknown>) => {
    const { [name]: id = "" } = await stack.ids();
    await act(await stack.tutum.applications.get(id));
    await stack.tutum.settled(await stack.tutum.applications.get(id));
  };
  const patched = (name: string, changes: Parameters<typeof stack.tutum.applications.update>[1]) =>
    byHand(name, ({ uuid }) => stack.tutum.applications.update(uuid, changes));
  const containerOf = (application: Application) => application.containers[0] ?? "";
  /** Refresh as a user reads it, and the preview after it: what the next up would do. */
  const refreshed = async () => {
    const refresh = succeeded(await stack.refresh("--diff"));
    expect(refresh.mutations).toEqual([]);
    const preview = succeeded(await stack.preview("--diff"));
    return { shown: refresh.output, seen: refresh.steps.sort(), planned: preview.steps.sort(), preview };
  };

  test("every field that can be patched is one PATCH of that field alone", async () => {
    await patched("scaled", { target_num_containers: 5 });
    await patched("domain", { web_public_dns: "b.example.com" });
    await patched("cleared", { web_public_dns: "" });
    await patched("restart", { autorestart: "ALWAYS" });
    await patched("replace", { autoreplace: "ON_FAILURE" });
    await patched("destroy", { autodestroy: "OFF" });
    await patched("several", { autorestart: "ON_FAILURE", target_num_containers: 2 });

    const { shown, seen, planned, preview } = await refreshed();
    const all = ["cleared", "destroy", "domain", "replace", "restart", "scaled", "several"];
    expect(seen).toEqual(all.map(name => `update ${name}`));
    expect(planned).toEqual(seen);
    expect(shown).toContain("~ targetNumContainers: 2 => 5");
    expect(shown).toContain('~ webPublicDns: "a.example.com" => "b.example.com"');
    expect(shown).toContain('- webPublicDns: "a.example.com"');
    expect(shown).toContain('~ autorestart: "OFF" => "ALWAYS"');
    expect(shown).toContain('~ autoreplace: "OFF" => "ON_FAILURE"');
    expect(shown).toContain('~ autodestroy: "ON_FAILURE" => "OFF"');
    expect(preview.output).toContain("~ targetNumContainers: 5 => 2");
    expect(preview.output).toContain('+ webPublicDns: "a.example.com"');

    expect((await stack.sent(await step(stack))).sort()).toEqual([
      'PATCH cleared {"web_public_dns":"a.example.com"}',
      'PATCH destroy {"autodestroy":"ON_FAILURE"}',
      'PATCH domain {"web_public_dns":"a.example.com"}',
      'PATCH replace {"autoreplace":"OFF"}',
      'PATCH restart {"autorestart":"OFF"}',
      'PATCH scaled {"target_num_containers":2}',
      'PATCH several {"target_num_containers":1,"autorestart":"OFF"}',
    ]);
  });

  test("the power state: stopped is started, started is stopped", async () => {
    await byHand("stopped", ({ uuid }) => stack.tutum.applications.stop(uuid));
    await byHand("idle", ({ uuid }) => stack.tutum.applications.start(uuid));
    const { shown, seen, planned } = await refreshed();
    expect(seen).toEqual(["update idle", "update stopped"]);
    expect(planned).toEqual(seen);
    expect(shown).toContain("~ running: true => false");
    expect(shown).toContain("~ running: false => true");
    expect((await stack.sent(await step(stack))).sort()).toEqual(["POST idle stop", "POST stopped start"]);
  });

  test("single containers: stopped ones are started, terminated ones are scaled back, none is made anew needlessly", async () => {
    const containers = await byHandContainers();
    const { shown, seen, planned } = await refreshed();
    expect(seen).toEqual(["update all-terminated", "update one-stopped", "update one-terminated"]);
    expect(planned).toEqual(seen);
    expect(shown).toContain("~ targetNumContainers: 3 => 2");
    expect(shown).toContain("~ targetNumContainers: 1 => 0");
    expect(shown).toContain('~ running: true => "partly"');
    expect((await stack.sent(await step(stack))).sort()).toEqual(
      [
        "POST all-terminated start",
        "POST one-stopped start",
        'PATCH one-terminated {"target_num_containers":3}',
      ].sort(),
    );
    const { "one-stopped": id = "" } = await stack.ids();
    expect((await stack.tutum.applications.get(id)).containers.sort()).toEqual(containers.sort());
  });

  test("another tag, redeployed by hand: the declared image replaces it", async () => {
    await byHand("redeployed", ({ uuid }) => stack.tutum.applications.redeploy(uuid, "other"));
    const { shown, seen, planned } = await refreshed();
    expect(seen).toEqual(["update redeployed"]);
    expect(shown).toMatch(/~ image *: "tutum\/hello-world" => "tutum\/hello-world:other"/);
    expect(planned).toContain("replace redeployed");
    expect(await stack.sent(await step(stack))).toEqual(["POST redeployed", "DELETE redeployed"]);
  });

  test("what is ignored is left alone, field by field", async () => {
    await patched("ignored", {
      target_num_containers: 3,
      web_public_dns: "b.example.com",
      autorestart: "ALWAYS",
    });
    await byHand("ignored-power", ({ uuid }) => stack.tutum.applications.stop(uuid));
    await byHand("ignored-image", ({ uuid }) => stack.tutum.applications.redeploy(uuid, "other"));
    const { planned } = await refreshed();
    expect(planned).toEqual([]);
    expect((await step(stack)).mutations).toEqual([]);

    await patched("ignored", { autoreplace: "ALWAYS" });
    succeeded(await stack.refresh());
    expect(await stack.sent(await step(stack))).toEqual(['PATCH ignored {"autoreplace":"OFF"}']);
    const { ignored = "" } = await stack.ids();
    expect(await stack.tutum.applications.get(ignored)).toMatchObject({
      target_num_containers: 3,
      web_public_dns: "b.example.com",
      autorestart: "ALWAYS",
    });
  });

  test("terminated: refresh drops it, the plan is a creation, and up makes it again", async () => {
    const { gone } = await stack.ids();
    await byHand("gone", ({ uuid }) => stack.tutum.applications.terminate(uuid));
    const { seen, planned } = await refreshed();
    expect(seen).toEqual(["delete gone"]);
    expect(planned).toEqual(["create gone"]);
    expect(await stack.sent(await step(stack))).toEqual(["POST gone"]);
    expect((await stack.ids()).gone).not.toBe(gone);
  });

  test("destroy leaves nothing", async () => {
    await emptied(stack);
  });

  /** The containers of `one-stopped` before one of them is stopped. */
  async function byHandContainers(): Promise<string[]> {
    let containers: string[] = [];
    await byHand("one-stopped", application => {
      containers = application.containers;
      return stack.tutum.containers.stop(containerOf(application));
    });
    for (const name of ["one-terminated", "all-terminated"]) {
      await byHand(name, application => stack.tutum.containers.terminate(containerOf(application)));
    }
    return containers;
  }
});

test("an application that is being terminated is waited for by refresh, and the next up makes another", async () => {
  const clock = createManualClock();
  const stack = await Stack.create("test/engine/programs/declared", { clock });
  const begun = async (query: string, run: RunningCli) => {
    const what = `the provider waits for what is ${query}`;
    await until(() => stack.server.requests.some(request => request.query.state === query), what, 60_000);
    await clock.advance(60_000);
    return succeeded(await run.done);
  };
  try {
    declare(stack, hello("web"));
    await begun("Starting", stack.begin(["up", "--yes", "--skip-preview"]));
    const { web: old = "" } = await stack.ids();
    await stack.tutum.applications.terminate(old);
    const refresh = await begun("Terminating", stack.begin(["refresh", "--yes", "--skip-preview"]));
    expect(refresh.steps).toEqual(["delete web"]);
    expect((await stack.preview()).steps).toEqual(["create web"]);
    const up = await begun("Starting", stack.begin(["up", "--yes", "--skip-preview"]));
    expect(await stack.sent(up)).toEqual(["POST web"]);
    expect((await stack.ids()).web).not.toBe(old);
  } finally {
    await stack.dispose();
  }
});
