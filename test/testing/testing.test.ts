import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ApplicationStack, getApplication, TutumApplication } from "../../provider";
import { runProgram, startEmbeddedServer, tutumMocks, UNKNOWN } from "../../provider/testing";

const settled = <T>(output: pulumi.Output<T>) => new Promise<T>(resolve => output.apply(resolve));
const image = "tutum/hello-world";

describe("runProgram", () => {
  test("gives the applications with defaults and outputs, and what the program returns", async () => {
    const { applications, outputs } = await runProgram(() => {
      const db = new TutumApplication("db", {
        image: "tutum/mysql:5.5",
        containerPorts: [{ innerPort: 80 }],
      });
      new TutumApplication("web", { image, name: "db", linkedToApplication: [db], running: false });
      return { url: db.webUrl, nested: { dns: [db.publicDns] }, plain: 1 };
    });
    expect(applications.db).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: "db",
      image: "tutum/mysql:5.5",
      containerSize: "XS",
      targetNumContainers: 1,
      containerPorts: [{ innerPort: 80, protocol: "tcp" }],
      uniqueName: "db",
      state: "Running",
      runningNumContainers: 1,
    });
    expect(applications.web).toMatchObject({
      linkedToApplication: [{ application: applications.db?.id, name: "db" }],
      uniqueName: "db-2",
      state: "Stopped",
      runningNumContainers: 0,
    });
    expect(outputs).toEqual({
      url: "http://db-tester.dev.tutum.io",
      nested: { dns: ["db-tester.dev.tutum.io"] },
      plain: 1,
    });
  });

  test("ids are the same in every run, and two of one name under two parents are two", async () => {
    const program = () => {
      for (const type of ["x:y:A", "x:y:B"])
        new TutumApplication("web", { image }, { parent: new pulumi.ComponentResource(type, "parent") });
    };
    const [first, second] = [await runProgram(program), await runProgram(program)];
    expect(Object.keys(first.applications)).toEqual(["web", "web-2"]);
    expect(first.applications.web?.id).not.toBe(first.applications["web-2"]?.id);
    expect(second.applications).toEqual(first.applications);
  });

  test.each([true, false])("two of one name are refused as up refuses them (preview: %p)", async preview => {
    const twice = (...parents: (string | undefined)[]) =>
      runProgram(
        () => {
          for (const name of parents) {
            const parent = name === undefined ? undefined : new pulumi.ComponentResource("x:y:Z", name);
            new TutumApplication("p", { image }, { parent });
          }
        },
        { preview },
      );
    const refusal = "TutumApplication p: there is another of that name under a parent of the same type";
    await expect(twice(undefined, undefined)).rejects.toThrow(refusal);
    await expect(twice("a", "b")).rejects.toThrow(refusal);
    expect(Object.keys((await twice(undefined, "a")).applications)).toEqual(["p", "p-2"]);
  });

  test("a module that was run before is refused: it declares nothing a second time", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-module-"));
    const file = join(folder, "index.cjs");
    const library = JSON.stringify(resolve(__dirname, "../../provider"));
    writeFileSync(file, `new (require(${library}).TutumApplication)("web", { image: "a/b" });`);
    const run = () => runProgram(() => require(file));
    try {
      expect(Object.keys((await run()).applications)).toEqual(["web"]);
      await expect(run()).rejects.toThrow("call `jest.resetModules()`");
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect((await runProgram(() => ({}))).applications).toEqual({});
  });

  test("in a preview, only what the arguments say is known", async () => {
    const { applications, outputs } = await runProgram(
      () => {
        const db = new TutumApplication("db", { image: "tutum/mysql" });
        const dns = db.publicDns.apply(name => String(name));
        new TutumApplication("web", {
          image,
          linkedToApplication: [db],
          containerEnvvars: { DNS: dns, A: "1" },
        });
        return { image: db.image, dns };
      },
      { preview: true },
    );
    expect(applications.web?.linkedToApplication).toEqual([{ application: UNKNOWN, name: "db" }]);
    expect(applications.web?.containerEnvvars).toEqual({ DNS: UNKNOWN, A: "1" });
    expect(applications.db).not.toHaveProperty("uniqueName");
    expect(applications.db).not.toHaveProperty("id");
    expect(outputs).toEqual({ image: "tutum/mysql", dns: UNKNOWN });
  });

  test("a link that keeps the target's environment back is one without a name", async () => {
    const program = (name?: string) => () => {
      const db = new TutumApplication("db", { image: "tutum/mysql" });
      new TutumApplication("web", {
        image,
        linkedToApplication: [{ application: db, environment: false, ...(name && { name }) }],
      });
      new ApplicationStack("shop", {
        applications: { db: { image }, api: { image, links: [{ application: "db", environment: false }] } },
      });
    };
    const { applications } = await runProgram(program());
    expect(applications.web?.linkedToApplication).toEqual([{ application: applications.db?.id }]);
    expect(applications["shop-api"]?.linkedToApplication).toEqual([
      { application: applications["shop-db"]?.id },
    ]);
    await expect(runProgram(program("data"))).rejects.toThrow(
      "A link with environment: false can have no name",
    );
  });

  test.each(["__proto__", "toString"])("a variable named %s, which the SDK loses, is refused", async name => {
    const containerEnvvars = JSON.parse(`{"${name}": "x"}`);
    await expect(
      runProgram(() => {
        new TutumApplication("web", { image, containerEnvvars });
      }),
    ).rejects.toThrow(`TutumApplication web: containerEnvvars cannot hold the name ${name}.`);
  });

  test("a link into another account is an error in the preview, by both names", async () => {
    const program =
      (accounts: { db?: string; web?: string }, given = (name: string): pulumi.Input<string> => name) =>
      () => {
        const account = (name?: string) => (name === undefined ? {} : { account: given(name) });
        const db = new TutumApplication("db", { image: "tutum/mysql", ...account(accounts.db) });
        new TutumApplication("web", { image, ...account(accounts.web), linkedToApplication: [db] });
      };
    const refused = (accounts: object, message: string) =>
      expect(runProgram(program(accounts), { preview: true })).rejects.toThrow(message);
    await refused(
      { web: "staging" },
      "web is in account staging and links to db, which is in the default account: links stay within an account.",
    );
    await refused({ db: "prod", web: "staging" }, "links to db, which is in account prod");
    for (const given of [undefined, (name: string) => pulumi.output(name)]) {
      const { applications } = await runProgram(program({ db: "staging", web: "staging" }, given));
      expect(applications.web?.linkedToApplication).toEqual([
        { application: applications.db?.id, name: "db" },
      ]);
    }
  });

  test("a setting of nearly the name of one is an error", async () => {
    const program = () => {
      new TutumApplication("web", { image });
    };
    await expect(runProgram(program, { config: { "tutum:acountRequired": "true" } })).rejects.toThrow(
      'Stack config tutum:acountRequired is no setting; did you mean "tutum:accountRequired"?',
    );
    await runProgram(program, { config: { "tutum:team": "shop" } });
  });

  test("everything wrong in arguments is one error, in a preview and in an up", async () => {
    const program = () => {
      const web = new TutumApplication("web", { image: "Not An Image", targetNumContainers: 0 });
      new TutumApplication("other", { image, webPublicDns: "a.example.com", containerPorts: [] });
      return { dns: web.publicDns.apply(dns => dns?.length) };
    };
    for (const preview of [true, false]) {
      const failure = await runProgram(program, { preview }).catch(error => error);
      expect(failure.message).toMatch(
        /^TutumApplication web: image must be .*; targetNumContainers must be .*\nTutumApplication other: webPublicDns /,
      );
    }
  });

  test("under node:test, too, a program that is refused as expected is a test that passes, and so is the next one", () => {
    const folder = mkdtempSync(join(tmpdir(), "tutum-node-test-"));
    const dist = resolve(__dirname, "../../dist");
    const file = join(folder, "program.test.cjs");
    writeFileSync(
      file,
      `const assert = require("node:assert");
const test = require("node:test");
const { ApplicationStack, TutumApplication } = require(${JSON.stringify(dist)});
const { runProgram } = require(${JSON.stringify(join(dist, "testing"))});
const program = image => () => {
  const db = new TutumApplication("db", { image });
  const web = new TutumApplication("web", { image: "a/b", linkedToApplication: [db] });
  return { dns: db.publicDns.apply(dns => dns.length), name: web.uniqueName };
};
const right = async () => assert.equal((await runProgram(program("a/b"))).applications.web.name, "web");
const circle = () => new ApplicationStack("s", { applications: { a: { image: "a/b", links: ["b"] }, b: { image: "a/b", links: ["a"] } } });
const late = () => {
  const web = new TutumApplication("web", { image: "a/b" });
  web.publicDns.apply(dns => new ApplicationStack("late", { applications: { a: { image: "a/b", triggers: [dns] } } }));
  throw new Error("thrown");
};
test("right", right);
test("a program that throws once a component was begun", () => assert.rejects(runProgram(circle), /circle/));
test("right after that", right);
test("a program that throws while more is to come", () => assert.rejects(runProgram(late), /thrown/));
test("right after that, too", right);
test("wrong", () => assert.rejects(runProgram(program("Not An Image")), /TutumApplication db: image must be/));
`,
    );
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, ["--test", file], { encoding: "utf8", env });
    rmSync(folder, { recursive: true });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("pass 6") });
  });

  test("what the program throws comes out", async () => {
    const circle = { a: { image, links: ["a" as const] } };
    await expect(runProgram(() => new ApplicationStack("shop", { applications: circle }))).rejects.toThrow(
      "the links go in a circle",
    );
  });

  test("configuration is the project's, or the provider's", async () => {
    const program = () => {
      new TutumApplication("web", {
        image,
        containerEnvvars: { PASSWORD: new pulumi.Config().requireSecret("password") },
      });
      return { stack: pulumi.getStack() };
    };
    const options = { config: { password: "canary" }, project: "shop", stack: "prod" };
    const { applications, outputs } = await runProgram(program, options);
    expect(applications.web?.containerEnvvars).toEqual({ PASSWORD: "canary" });
    expect(outputs).toEqual({ stack: "prod" });
    await expect(
      runProgram(program, { config: { password: "x", "tutum:accountRequired": "true" } }),
    ).rejects.toThrow("account is required");
    await expect(runProgram(program)).rejects.toThrow("Missing required configuration variable");
  });

  test("applications in components, and those declared only when an output is there", async () => {
    const { applications } = await runProgram(() => {
      const stack = new ApplicationStack("shop", {
        applications: { db: { image: "tutum/mysql" }, web: { image, links: ["db"] } },
      });
      stack.applications.web.publicDns.apply(dns => new TutumApplication("late", { image, triggers: [dns] }));
    });
    expect(Object.keys(applications)).toEqual(["shop-db", "shop-web", "late"]);
    expect(applications.late?.triggers).toEqual([applications["shop-web"]?.publicDns]);
  });

  test("an application that is read has defaults, unless the test says what it is", async () => {
    const uuid = "6f2dd4b8-7b6a-4e9c-9a01-2f6f0f0ad001";
    const program = () => {
      const old = TutumApplication.get("old", uuid);
      new TutumApplication("web", { image, linkedToApplication: [old] });
      return { id: old.id, dns: old.publicDns, ports: old.containerPorts, image: old.image };
    };
    const { applications, outputs } = await runProgram(program);
    expect(outputs).toEqual({
      id: uuid,
      dns: "old-tester.dev.tutum.io",
      ports: [],
      image: "tutum/hello-world",
    });
    expect(Object.keys(applications)).toEqual(["web"]);
    const mocks = {
      newResource: ({ id = "" }: pulumi.runtime.MockResourceArgs) => ({
        id,
        state: { image: "tutum/mysql" },
      }),
    };
    expect((await runProgram(program, { mocks })).outputs).toEqual({ id: uuid, image: "tutum/mysql" });
  });
});

describe("tutumMocks", () => {
  test("an output is secret when its argument is", async () => {
    await pulumi.runtime.setMocks(tutumMocks(), "shop", "test");
    const web = new TutumApplication("web", {
      image,
      runCommand: "/run.sh",
      containerEnvvars: { PASSWORD: pulumi.secret("canary"), MODE: "plain" },
    });
    expect(await settled(web.containerEnvvars)).toEqual({ PASSWORD: "canary", MODE: "plain" });
    expect(await pulumi.isSecret(web.containerEnvvars)).toBe(true);
    expect(await pulumi.isSecret(web.runCommand)).toBe(false);
  });

  test("other resources answer with their inputs, or as the test says", async () => {
    class Other extends pulumi.CustomResource {
      declare readonly size: pulumi.Output<number>;
      constructor(name: string, size: number) {
        super("other:index:Other", name, { size });
      }
    }
    await pulumi.runtime.setMocks(tutumMocks(), "shop", "test");
    const plain = new Other("one", 1);
    expect(await settled(pulumi.all([plain.id, plain.size]))).toEqual(["one-id", 1]);
    const newResource = () => ({ id: "special", state: { size: 2 } });
    await pulumi.runtime.setMocks(tutumMocks({ newResource }), "shop", "test");
    const special = new Other("one", 1);
    expect(await settled(pulumi.all([special.id, special.size]))).toEqual(["special", 2]);
  });
});

describe("startEmbeddedServer", () => {
  test("answers its client and the look-ups of a program, and each server is another one", async () => {
    const before = { ...process.env };
    try {
      for (const name of ["one", "two"]) {
        const server = await startEmbeddedServer();
        Object.assign(process.env, server.env);
        const { uuid } = await server.client.applications.create({ image, name });
        expect((await getApplication({ application: name })).uuid).toBe(uuid);
        await server.close();
      }
    } finally {
      process.env = before;
    }
  });
});
