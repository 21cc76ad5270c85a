import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createManualClock } from "../../server/index";
import { urnOf } from "../engine/declarations";
import { type Run, Stack } from "../engine/stack";
import { until } from "../until";
import { alive, type Sdk, under } from "./sdk";

const POST = "POST /api/v1/application/";

/** An application's whole life under one SDK. */
export function lifecycleTests(sdk: Sdk): void {
  describe(`Pulumi SDK ${sdk.version} on Node ${sdk.node}`, () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = under(sdk, await Stack.create("test/engine/programs/declared"), "declared");
      await stack.config("tutum:owner", "8f2c0a52-5f0f-4a53-9b52-7a4a1a3c7c10");
      stack.env.PULUMI_NODEJS_TRANSPILE_ONLY = "true"; // of two programs here this one has no types to prove
    });
    afterAll(() => stack.dispose());

    const declare = (db: object, web: object = {}, others: Record<string, object> = {}) => {
      stack.env.DECLARATIONS = JSON.stringify([
        { name: "db", args: { image: "tutum/mysql", ...db } },
        { name: "web", args: { image: "tutum/wordpress", ...web }, links: ["db"] },
        ...Object.entries(others).map(([name, args]) => ({ name, args })),
      ]);
    };
    const uuid = async (name: string) => (await stack.exported()).applications[name]?.id ?? "";
    const mutations = (run: Run) => run.mutations.map(({ method, path }) => `${method} ${path}`);
    /** What the run did, or its whole output when it failed. */
    const done = ({ code, output, steps }: Run) => (code === 0 ? steps : output);
    const expectNothingToDo = async () => {
      const preview = await stack.preview();
      expect(done(preview)).toEqual([]);
      expect(preview.requests).toEqual([]);
    };

    test("up creates two linked applications, on that Node and with that SDK", async () => {
      declare({});
      stack.env.NODE_OPTIONS = `--require ${join(__dirname, "note-process.js")}`;
      const run = await stack.up();
      delete stack.env.NODE_OPTIONS;
      expect(done(run)).toEqual(["create db", "create web"]);
      expect(mutations(run)).toEqual([POST, POST]);
      expect(await stack.containerVariables("web")).toHaveProperty("DB_PORT_3306_TCP_ADDR");

      const processes = readFileSync(join(stack.folder, "processes.log"), "utf8").split("\n");
      for (const program of ["run", "dynamic-provider"]) {
        const entry = join(sdk.modules, "@pulumi/pulumi/cmd", program);
        expect(processes).toContainEqual(expect.stringContaining(`${sdk.node} ${entry}`));
      }
    });

    test("preview and refresh find no change, in whatever order", async () => {
      await expectNothingToDo();
      const refresh = await stack.refresh();
      expect(done(refresh)).toEqual([]);
      expect(refresh.output).toMatch(/^ +3 unchanged$/m);
      expect(refresh.mutations).toEqual([]);
      await expectNothingToDo();
    });

    test("a scaled application is one PATCH of that field", async () => {
      declare({}, { targetNumContainers: 2 });
      const run = await stack.up();
      expect(done(run)).toEqual(["update web"]);
      expect(mutations(run)).toEqual([`PATCH /api/v1/application/${await uuid("web")}/`]);
      expect(run.mutations[0]?.body).toEqual({ target_num_containers: 2 });
      await expectNothingToDo();
    });

    test("a replaced link target takes what is linked to it along, and is deleted last", async () => {
      const old = [await uuid("web"), await uuid("db")];
      declare({ image: "tutum/mariadb" }, { targetNumContainers: 2 });
      const run = await stack.up();
      expect(done(run)).toEqual([
        ...["create-replacement db", "replace db", "create-replacement web", "replace web"],
        ...["delete-replaced web", "delete-replaced db"],
      ]);
      expect(mutations(run)).toEqual([POST, POST, ...old.map(id => `DELETE /api/v1/application/${id}/`)]);
      expect(await stack.containerVariables("web")).toHaveProperty("DB_PORT_3306_TCP_ADDR");
      expect(await alive(stack)).toEqual([await uuid("db"), await uuid("web")]);
      await expectNothingToDo();
    });

    test("an application that fails to start is kept with its id, and the next up goes on with it", async () => {
      declare(
        { image: "tutum/mariadb" },
        { targetNumContainers: 2 },
        { late: { image: "tutum/start-fails" } },
      );
      const run = await stack.up();
      expect(run.code).not.toBe(0);
      expect(run.output).toMatch(/Application late \(\S+\) is "Start failed"/);
      const late = await uuid("late");
      expect(await alive(stack)).toContain(late);

      const again = await stack.up();
      expect(mutations(again)).toEqual([`POST /api/v1/application/${late}/start/`]);
      expect(await uuid("late")).toBe(late);
    });

    test("a creation whose answer was lost is found by its mark, and not sent twice", async () => {
      declare(
        { image: "tutum/mariadb" },
        { targetNumContainers: 2 },
        { lost: { image: "tutum/hello-world" } },
      );
      stack.server.faults.add({ method: "POST", path: "/api/v1/application/", drop: "after", times: 1 });
      const run = await stack.up();
      expect(done(run)).toEqual(["create lost", "delete late"]);
      expect(mutations(run).filter(mutation => mutation === POST)).toEqual([POST]);
      expect(await alive(stack)).toContain(await uuid("lost"));
      await expectNothingToDo();
    });

    test("destroy leaves nothing", async () => {
      expect((await stack.destroy()).code).toBe(0);
      expect((await stack.exported()).applications).toEqual({});
      expect(await alive(stack)).toEqual([]);
    });
  });

  /** Hooks into private parts of the provider host: what a new SDK breaks first. The server's clock stands still. */
  describe(`the host of Pulumi SDK ${sdk.version}`, () => {
    let stack: Stack;
    beforeAll(async () => {
      const made = await Stack.create("test/engine/programs/declared", { clock: createManualClock() });
      stack = under(sdk, made, "declared");
      stack.env.PULUMI_NODEJS_TRANSPILE_ONLY = "true";
      stack.env.DECLARATIONS = JSON.stringify([{ name: "web", args: { image: "tutum/hello-world" } }]);
    });
    afterAll(() => stack.dispose());

    const waiting = () =>
      until(
        () => stack.server.requests.some(({ query }) => query.state === "Starting"),
        "the provider waits for the application",
      );

    test("shows what is waited for, and the first Ctrl-C ends it with the id saved", async () => {
      const up = stack.begin(["up", "--yes", "--skip-preview"]);
      await until(
        () => up.output().includes("is Starting: 0 of 1 container running"),
        "the display says what is waited for",
      );
      up.kill("SIGINT");
      const { output, code } = await up.done;
      expect(code).not.toBe(0);
      expect(output).toMatch(/Application web creating .* is Starting: 0 of 1 container running/);
      expect(output).toContain("The run was cancelled while waiting; the next `pulumi up` goes on.");
      const { applications, pending } = await stack.exported();
      expect(pending).toEqual([]);
      expect(await alive(stack)).toEqual([applications.web?.id]);
    });

    test("customTimeouts end a wait, and a process whose CLI was killed ends by itself", async () => {
      stack.env.DECLARATIONS = JSON.stringify([
        {
          name: "slow",
          args: { image: "tutum/hello-world" },
          options: { customTimeouts: { create: "2s" } },
        },
      ]);
      const late = await stack.up("--target", urnOf("slow"));
      // What the creation took before it began to wait is part of the two seconds.
      expect(late.output).toMatch(
        /Application slow is still Starting \(0 of 1 containers running\) after (2|1\.\d) s/,
      );

      stack.server.clearRequests();
      const up = stack.begin(["up", "--yes", "--skip-preview", "--target", urnOf("slow")]);
      await waiting();
      up.kill("SIGKILL");
      await up.done;
      await until(() => stack.providerHosts().length === 0, "the provider process ends");
    });
  });
}
