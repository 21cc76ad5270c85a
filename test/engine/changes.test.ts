import { type Application, TutumClient } from "../../provider/tutum/client";
import { nameOf, type Run, Stack } from "./stack";

jest.setTimeout(180_000);

interface Declaration {
  name: string;
  args: Record<string, unknown>;
  links?: string[];
}

const hello = (name: string, args: Record<string, unknown> = {}, links?: string[]): Declaration => ({
  name,
  args: { image: "tutum/hello-world", ...args },
  links,
});

describe("changes of applications through the Pulumi CLI", () => {
  let stack: Stack;
  let tutum: TutumClient;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    const { url, user, apikey } = stack.server;
    tutum = new TutumClient({ endpoint: url, user, apikey, env: {} });
  });
  afterEach(() => stack.dispose());

  const declare = (...declarations: Declaration[]) => {
    stack.env.DECLARATIONS = JSON.stringify(declarations);
  };
  const ids = async () => {
    const { applications } = await stack.exported();
    return Object.fromEntries(Object.entries(applications).map(([name, { id }]) => [name, id]));
  };
  /** Mutating requests with names for uuids: `PATCH web`. */
  const sent = (run: Run, names: Record<string, string>) =>
    run.mutations.map(({ method, path }) => {
      const [, uuid, action] = /^\/api\/v1\/application\/(?:([^/]+)\/(\w+)?)?/.exec(path) ?? [];
      const name = Object.entries(names).find(([, id]) => id === uuid)?.[0];
      return [method, name ?? uuid, action].filter(Boolean).join(" ");
    });
  const live = async (): Promise<Application[]> => {
    const found: Application[] = [];
    for await (const { uuid, state } of tutum.applications.list()) {
      if (state !== "Terminated") found.push(await tutum.applications.get(uuid));
    }
    return found;
  };
  /** Up, then the checks that hold after every step: nothing left to do, and nothing that a refresh would find. */
  const settledUp = async (): Promise<Run> => {
    const run = await stack.up();
    expect({ code: run.code, output: run.code === 0 ? "" : run.output }).toEqual({ code: 0, output: "" });
    expect((await stack.preview()).steps).toEqual([]);
    expect((await stack.refresh()).steps).toEqual([]);
    return run;
  };

  test("each immutable field is a replacement that preview announces: made first, deleted last", async () => {
    declare(
      hello("target"),
      hello("image"),
      hello("name"),
      hello("size"),
      hello("command"),
      hello("entrypoint"),
      hello("ports", { containerPorts: [{ innerPort: 80 }] }),
      hello("variables", { containerEnvvars: { A: "1" } }),
      hello("links"),
      hello("roles"),
      hello("triggers", { triggers: [1] }),
    );
    expect((await stack.up()).steps).toHaveLength(11);
    const before = await ids();
    declare(
      hello("target"),
      hello("image", { image: "tutum/redis" }),
      hello("name", { name: "renamed" }),
      hello("size", { containerSize: "M" }),
      hello("command", { runCommand: "/other.sh" }),
      hello("entrypoint", { entrypoint: "/bin/sh" }),
      hello("ports", { containerPorts: [{ innerPort: 80 }, { innerPort: 443 }] }),
      hello("variables", { containerEnvvars: { A: "2" } }),
      hello("links", {}, ["target"]),
      hello("roles", { roles: ["global"] }),
      hello("triggers", { triggers: [2] }),
    );
    const replaced = Object.keys(before)
      .filter(name => name !== "target")
      .sort();
    const announced = (await stack.preview()).steps.filter(step => step.startsWith("replace "));
    expect(announced.map(step => step.replace("replace ", "")).sort()).toEqual(replaced);

    const run = await settledUp();
    const requests = sent(run, before);
    expect(requests.slice(0, 10)).toEqual(Array(10).fill("POST"));
    expect(requests.slice(10).sort()).toEqual(replaced.map(name => `DELETE ${name}`));
    const after = await ids();
    expect(Object.keys(before).filter(name => before[name] === after[name])).toEqual(["target"]);
    expect((await live()).map(application => application.uuid).sort()).toEqual(Object.values(after).sort());
  });

  test("a replaced link target: new one, dependents moved, old ones deleted in reverse; variables keep their names", async () => {
    const web = hello("web", {}, ["db"]);
    declare(hello("db", { image: "tutum/mysql" }), web);
    await stack.up();
    const before = await ids();
    declare(hello("db", { image: "tutum/mysql:5.6" }), web);
    const preview = await stack.preview();
    expect(preview.steps.filter(step => step.startsWith("replace "))).toEqual(["replace db", "replace web"]);

    const run = await settledUp();
    expect(sent(run, before)).toEqual(["POST", "POST", "DELETE web", "DELETE db"]);
    expect(run.mutations.slice(0, 2).map(request => request.body)).toMatchObject([
      { name: "db" },
      { name: "web" },
    ]);
    const { applications } = await stack.exported();
    expect(applications.db?.outputs.uniqueName).toBe("db-2");
    expect(Object.keys(await stack.containerVariables("web"))).toContain("DB_PORT_3306_TCP_ADDR");
  });

  test("a scaled link target changes nothing that is linked to it", async () => {
    declare(hello("db"), hello("web", {}, ["db"]));
    await stack.up();
    declare(hello("db", { targetNumContainers: 3 }), hello("web", {}, ["db"]));
    expect((await stack.preview()).steps).toEqual(["update db"]);
    const run = await settledUp();
    expect(run.steps).toEqual(["update db"]);
    expect(sent(run, await ids())).toEqual(["PATCH db"]);
  });

  test("running: false stops, true starts, and an application can be created stopped", async () => {
    declare(hello("web"), hello("idle", { running: false }));
    const created = await settledUp();
    expect((await ids()).idle).toBeDefined();
    expect(sent(created, await ids())).toEqual(expect.arrayContaining(["POST idle stop"]));
    declare(hello("web", { running: false }), hello("idle", { running: false }));
    const stopped = await settledUp();
    expect(sent(stopped, await ids())).toEqual(["POST web stop"]);
    declare(hello("web", { targetNumContainers: 2 }), hello("idle", { running: false }));
    const started = await settledUp();
    expect(sent(started, await ids())).toEqual(["POST web start", "PATCH web"]);
    declare(hello("web", { running: false }), hello("idle", { running: false }));
    const both = await settledUp();
    expect(sent(both, await ids())).toEqual(["PATCH web", "POST web stop"]);
    expect((await live()).map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      "idle Stopped",
      "web Stopped",
    ]);
  });

  test("another order and defaults written out are no change", async () => {
    const ports = [{ innerPort: 443 }, { innerPort: 80 }];
    declare(hello("a"), hello("b"), hello("web", { containerPorts: ports }, ["a", "b"]), hello("image"));
    await stack.up();
    const written = [
      { innerPort: 80, protocol: "tcp" },
      { innerPort: 443, protocol: "tcp" },
    ];
    declare(
      hello("a"),
      hello("b", {
        containerSize: "XS",
        targetNumContainers: 1,
        autorestart: "OFF",
        running: true,
        name: "b",
      }),
      hello("web", { containerPorts: written }, ["b", "a"]),
      hello("image", { containerPorts: [{ innerPort: 80 }], image: "tutum/hello-world:latest" }),
    );
    expect((await stack.preview()).steps).toEqual([]);
    expect((await stack.up()).mutations).toEqual([]);
  });

  test("what was scaled, stopped or deleted outside is shown by refresh and repaired by the next up", async () => {
    declare(
      hello("scaled"),
      hello("stopped"),
      hello("deleted"),
      hello("domain", { webPublicDns: "a.example.com" }),
    );
    await stack.up();
    const before = await ids();
    await tutum.applications.update(before.scaled ?? "", { target_num_containers: 4 });
    await tutum.applications.update(before.domain ?? "", { web_public_dns: "b.example.com" });
    await tutum.applications.stop(before.stopped ?? "");
    await tutum.applications.terminate(before.deleted ?? "");
    await rested(tutum, Object.values(before));

    const refresh = await stack.refresh("--diff");
    expect(refresh.steps.sort()).toEqual([
      "delete deleted",
      "update domain",
      "update scaled",
      "update stopped",
    ]);
    expect(refresh.output).toContain("~ targetNumContainers: 1 => 4");
    expect(refresh.output).toContain('~ webPublicDns: "a.example.com" => "b.example.com"');
    expect(refresh.output).toContain("~ running: true => false");
    expect(refresh.mutations).toEqual([]);

    const repair = await settledUp();
    expect(repair.steps.sort()).toEqual([
      "create deleted",
      "update domain",
      "update scaled",
      "update stopped",
    ]);
    expect(sent(repair, before).sort()).toEqual([
      "PATCH domain",
      "PATCH scaled",
      "POST",
      "POST stopped start",
    ]);
    expect(
      (await live()).map(({ state, target_num_containers }) => `${state} ${target_num_containers}`),
    ).toEqual(Array(4).fill("Running 1"));
  });

  test("a hundred independent applications: one POST and one final look each, and few lists", async () => {
    declare(...Array.from({ length: 100 }, (_, n) => hello(`app-${n}`)));
    const run = await stack.up();
    expect(run.steps).toHaveLength(100);
    const count = (form: RegExp) =>
      run.requests.filter(({ method, path }) => form.test(`${method} ${path}`)).length;
    expect(count(/^POST \/api\/v1\/application\/$/)).toBe(100);
    expect(count(/^GET \/api\/v1\/application\/[^/]+\/$/)).toBe(100);
    expect(count(/^GET \/api\/v1\/application\/$/)).toBeLessThan(50);
    const destroyed = await stack.destroy();
    expect(destroyed.steps.map(step => nameOf(step))).toHaveLength(100);
    expect(await live()).toEqual([]);
  });
});

/** Until none of them is in transition any more. */
async function rested(tutum: TutumClient, uuids: string[]): Promise<void> {
  await Promise.all(uuids.map(async uuid => tutum.settled(await tutum.applications.get(uuid))));
}
