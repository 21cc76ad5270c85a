import { PartialFailure } from "../../../provider/resource/lifecycle/failure";
import type { Values } from "../../../provider/resource/table/field";
import { UNKNOWN } from "../../../provider/resource/table/unknown";
import { check } from "../../../provider/tutum/lifecycle/check";
import { type ApplicationContext, openSession } from "../../../provider/tutum/lifecycle/context";
import { create } from "../../../provider/tutum/lifecycle/create";
import { diff } from "../../../provider/tutum/lifecycle/diff";
import { preview } from "../../../provider/tutum/lifecycle/preview";
import { read } from "../../../provider/tutum/lifecycle/read";
import { remove } from "../../../provider/tutum/lifecycle/remove";
import { update } from "../../../provider/tutum/lifecycle/update";
import { type RunningServer, type ServerOptions, startServer } from "../../../server/index";
import { contextWith, rememberedIntents, silentOperation } from "./operation";

/** The lifecycle without the engine, against the real server over HTTP. */
describe("lifecycle", () => {
  let server: RunningServer;
  afterEach(() => server.close());

  const starting = async (options: ServerOptions = {}): Promise<ApplicationContext> => {
    const times = { start: 5, stop: 5, scale: 5, terminate: 5, exit: 1 };
    server = await startServer({ ...options, times: { ...times, ...options.times } });
    return contextOf(server.apikey);
  };
  /** A session of its own, which nothing of this machine reaches. */
  const contextOf = (apikey: string): ApplicationContext => {
    const settings: Record<string, string> = {
      "tutum:endpoint": server.url,
      "tutum:user": server.user,
      "tutum:apikey": apikey,
    };
    return openSession(key => settings[key], { env: {}, intents: rememberedIntents() })(silentOperation, {});
  };
  const inputs = (args: Values): Values =>
    check(contextWith(), {}, { name: "web", resourceHash: "0123456789abcdef", ...args }).inputs;
  const hello = (args: Values = {}) => inputs({ image: "tutum/hello-world", ...args });
  const mutations = () =>
    server.requests.filter(({ method }) => method !== "GET").map(({ method, body }) => [method, body]);

  test("a creation in a stack without an identity says so, and how to give it one; with one nothing is said", async () => {
    const context = await starting();
    const told: (string | undefined)[] = [];
    const announce = (message?: string) => void told.push(message);
    await create({ ...context, announce, identity: "mine" }, hello());
    expect(told).toEqual([]);
    await create({ ...context, announce, identity: undefined }, hello({ name: "other" }));
    expect(told).toEqual([expect.stringContaining("`pulumi config set tutum:owner $(node -p")]);
  });

  test("delete returns when the application is terminated, not when that was accepted", async () => {
    const context = await starting({ times: { terminate: 400 } });
    const { id, outputs } = await create(context, hello());
    await remove(context, id, outputs);
    expect((await context.client.applications.get(id)).state).toBe("Terminated");
    await remove(context, id, outputs);
  });

  test.each([
    ["an empty object", { status: 202, body: {}, when: "after" }],
    ["a page", { status: 200, html: true, when: "after" }],
  ] as const)(
    "an accepted DELETE that is answered by %s is looked after: the application is gone",
    async (_, answer) => {
      const context = await starting();
      const { id, outputs } = await create(context, hello());
      server.faults.add({ method: "DELETE", answer, times: 1 });
      await remove(context, id, outputs);
      expect((await context.client.applications.get(id)).state).toBe("Terminated");
      expect(mutations().filter(([method]) => method === "DELETE")).toHaveLength(1);
    },
  );

  test("a delete whose end was not seen says what to do if the program keeps the application after all", async () => {
    const context = await starting();
    const { id, outputs } = await create(context, hello());
    server.faults.add({ method: "DELETE", answer: { status: 403, body: { error: "not yours" } }, times: 1 });
    const refused = await remove(context, id, outputs).catch((error: Error) => error.message);
    expect(refused).toMatch(/status 403: not yours/);
    expect(refused).not.toContain("pulumi refresh");

    server.faults.add({ method: "DELETE", drop: "after" });
    await expect(remove(context, id, outputs)).rejects.toThrow(
      "Its termination may have begun: the same command again goes on with it. " +
        "If the program keeps it after all, run `pulumi refresh` first.",
    );
  });

  test("of two resources with one application the second one is told, whichever the engine asks for first", async () => {
    const context = await starting();
    const { id, outputs } = await create(context, hello());
    const next = (): ApplicationContext => ({ ...contextOf(server.apikey) });
    const [first, second] = ["first", "second"].map(resourceHash => hello({ adopt: id, resourceHash }));
    const told = `another resource of this stack has web (${id})`;

    const either = next();
    const both = await Promise.allSettled([
      create(either, first as Values),
      create(either, second as Values),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);

    const created = next();
    const { outputs: adopting } = await create(created, second as Values);
    expect(() => diff(created, id, { outputs }, first as Values)).toThrow(told);

    const asked = next();
    diff(asked, id, { outputs }, first as Values);
    await expect(create(asked, second as Values)).rejects.toThrow(told);
    expect(() => diff(asked, id, { outputs }, second as Values)).toThrow(told);
    expect(diff(asked, id, { outputs }, hello({ adopt: id, resourceHash: "first" })).entries).toEqual({});
    // The way out: whichever is taken out of the program, the other one keeps its application.
    await remove(asked, id, adopting);
    const later = next();
    diff(later, id, { outputs: adopting }, second as Values);
    await remove(later, id, outputs);
    expect(mutations()).toHaveLength(1);
  });

  test("a preview knows no more than comes true, and what an update leaves alone it knows", async () => {
    const context = await starting();
    const declared = hello();
    const expected = preview(context, declared);
    const { outputs } = await create(context, declared);
    const known = Object.entries(expected).filter(([, value]) => value !== UNKNOWN);
    expect(outputs).toMatchObject(Object.fromEntries(known));
    const unknown = Object.keys(expected).filter(name => expected[name] === UNKNOWN);
    expect(unknown).toEqual(expect.arrayContaining(["uniqueName", "state", "runCommand", "owner"]));

    const scaled = hello({ targetNumContainers: 2 });
    const after = preview(context, scaled, outputs);
    expect(after).toMatchObject({
      uniqueName: outputs.uniqueName,
      targetNumContainers: 2,
      runningNumContainers: UNKNOWN,
    });
    expect(preview(context, hello({ autorestart: "ALWAYS" }), outputs)).toEqual({
      ...outputs,
      autorestart: "ALWAYS",
    });
  });

  test("delete of a busy application waits for it to settle", async () => {
    const context = await starting({ times: { scale: 600 } });
    const { id, outputs } = await create(context, hello());
    await context.client.applications.update(id, { target_num_containers: 2 });
    await remove(context, id, outputs);
    expect((await context.client.applications.get(id)).state).toBe("Terminated");
  });

  test("a start that fails is thrown with the id and complete outputs, and the next update starts it again", async () => {
    const context = await starting();
    const declared = inputs({ image: "tutum/start-fails" });
    const failure = await create(context, declared).catch((error: unknown) => error);
    if (!(failure instanceof PartialFailure)) throw failure;
    expect(failure.reasons).toEqual([
      expect.stringContaining('is "Start failed" with 0 of 1 containers running'),
    ]);
    expect(failure.outputs).toMatchObject({
      image: "tutum/start-fails",
      state: "Start failed",
      running: false,
    });
    expect(Object.keys(diff(context, failure.id, failure, declared).entries)).toEqual(["running"]);
    server.clearRequests();
    await expect(update(context, failure.id, failure.outputs, declared)).rejects.toThrow("Start failed");
    expect(mutations()).toEqual([["POST", null]]);
  });

  test("an update sends what the preview showed, and leaves alone what others changed meanwhile", async () => {
    const context = await starting();
    const { id, outputs } = await create(context, hello());
    const scaled = await context.client.applications.update(id, { target_num_containers: 3 });
    await context.client.waitFor(scaled, ["Running"]);
    server.clearRequests();
    const changed = hello({ webPublicDns: "a.example.com" });
    const after = await update(context, id, outputs, changed);
    expect(mutations()).toEqual([["PATCH", { web_public_dns: "a.example.com" }]]);
    expect(after.outputs).toMatchObject({ webPublicDns: "a.example.com", targetNumContainers: 3 });
    expect(Object.keys(diff(context, id, after, changed).entries)).toEqual(["targetNumContainers"]);
  });

  test("an update without a difference finishes what a failed one left undone", async () => {
    const context = await starting();
    const declared = hello({ targetNumContainers: 2 });
    const { id, outputs } = await create(context, declared);
    await context.client.waitFor(await context.client.applications.stop(id), ["Stopped"]);
    const { outputs: resumed } = await update(context, id, outputs, declared);
    expect(resumed).toMatchObject({ state: "Running", runningNumContainers: 2 });
  });

  test("an application that runs in part is started as a whole", async () => {
    const context = await starting();
    const declared = hello({ targetNumContainers: 2 });
    const { id, outputs } = await create(context, declared);
    const { containers } = await context.client.applications.get(id);
    await context.client.containers.stop(containers[0] ?? "");
    const partly = async () => (await context.client.applications.get(id)).state === "Partly running";
    while (!(await partly())) await new Promise(setImmediate);
    const seen = await read(context, id, outputs);
    expect(seen?.inputs).toMatchObject({ running: "partly" });
    const { outputs: repaired } = await update(context, id, seen?.outputs ?? {}, declared);
    expect(repaired).toMatchObject({ state: "Running", runningNumContainers: 2, running: true });
  });

  test("customTimeouts end a wait, all steps of an operation together", async () => {
    const context = await starting({ times: { start: 60_000 } });
    const failure = await create(context, hello({ deadlines: { create: "300ms" } })).catch(
      (error: unknown) => error,
    );
    if (!(failure instanceof PartialFailure)) throw failure;
    expect(failure.reasons).toEqual([
      expect.stringMatching(/still Starting \(0 of 1 containers running\) after 0\.\d s/),
    ]);
  });

  test("a get of an application that does not exist is an error, a refresh of one is its end", async () => {
    const context = await starting();
    const nobody = "7eaf7fff-882c-4f3d-9a8f-a22317ac00ce";
    await expect(read(context, nobody, {})).rejects.toThrow(`There is no application ${nobody}`);
    const { endpoint, userHash } = context.client;
    expect(await read(context, nobody, { endpoint, userHash })).toBeUndefined();
  });

  test("a get by resource URI has the uuid for its id, and one by name says what an id is", async () => {
    const context = await starting();
    const { id } = await create(context, hello());
    expect((await read(context, `/api/v1/application/${id}/`, {}))?.id).toBe(id);
    await expect(read(context, "web", {})).rejects.toThrow(
      '"web" is not the uuid or resource URI of an application.',
    );
  });

  test("a key that is refused drops nothing from the state", async () => {
    const context = await starting();
    const { id, outputs } = await create(context, hello());
    await expect(read(contextOf("revoked"), id, outputs)).rejects.toThrow(
      "does not accept the credentials from the options user and apikey",
    );
    await expect(remove(contextOf("revoked"), id, outputs)).rejects.toThrow(
      "does not accept the credentials from the options user and apikey",
    );
  });

  test("an endpoint that knows no link aliases gets bare URIs", async () => {
    const context = await starting();
    const { id: db } = await create(context, hello({ name: "db" }));
    const { applications } = context.client;
    const bodies: unknown[] = [];
    const original = applications.create.bind(applications);
    applications.create = async body => {
      bodies.push(body.linked_to_application);
      if (typeof body.linked_to_application?.[0] === "object") {
        throw Object.assign(new Error(), {
          name: "TutumApiError",
          status: 400,
          serverMessage: "linked_to_application: not a URI",
        });
      }
      return original(body);
    };
    const { outputs } = await create(
      context,
      hello({ linkedToApplication: [{ application: db, name: "db" }] }),
    );
    expect(bodies).toEqual([
      [{ to_application: `/api/v1/application/${db}/`, name: "db" }],
      [`/api/v1/application/${db}/`],
    ]);
    expect(outputs.linkedToApplication).toEqual([{ application: db, name: "db" }]);
  });
});
