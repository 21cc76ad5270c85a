import * as pulumi from "@pulumi/pulumi";
import { ApplicationStack, type ApplicationStackArgs, TutumApplication } from "../../provider";
import { type TutumMocks, tutumMocks } from "../../provider/testing";

const settled = <T>(output: pulumi.Output<T>) => new Promise<T>(resolve => output.apply(resolve));

describe("ApplicationStack", () => {
  let mocks: TutumMocks;
  beforeEach(async () => {
    mocks = tutumMocks();
    await pulumi.runtime.setMocks(mocks, "shop", "test");
  });

  test("children are named after the stack, applications after their names there, and links go by name", async () => {
    const stack = new ApplicationStack("shop", {
      applications: {
        // Before what it links to: order of writing does not count.
        web: { image: "tutum/wordpress", links: ["db", { application: "cache", name: "memory" }] },
        db: { image: "tutum/mysql", name: "database" },
        cache: { image: "tutum/redis" },
      },
    });
    const urn = await settled(stack.applications.web.urn);
    expect(urn).toContain("tutum:index:ApplicationStack$pulumi-nodejs:dynamic/tutum:Application::shop-web");
    expect(await settled(stack.applications.web.name)).toBe("web");
    expect(await settled(stack.applications.web.linkedToApplication)).toEqual([
      { application: await settled(stack.applications.db.id), name: "database" },
      { application: await settled(stack.applications.cache.id), name: "memory" },
    ]);
    expect(Object.keys(mocks.applications).sort()).toEqual(["shop-cache", "shop-db", "shop-web"]);
  });

  test("defaults go to all, an application's own come first, and variables are put together", async () => {
    const stack = new ApplicationStack("shop", {
      defaults: { containerSize: "S", account: "staging", containerEnvvars: { TZ: "UTC", LEVEL: "info" } },
      applications: {
        one: { image: "tutum/one", containerEnvvars: { LEVEL: "debug" } },
        two: { image: "tutum/two", containerSize: "M", containerEnvvars: pulumi.output({ A: "1" }) },
      },
    });
    const { one, two } = stack.applications;
    expect(await settled(pulumi.all([one.containerSize, one.account, one.containerEnvvars]))).toEqual([
      "S",
      "staging",
      { TZ: "UTC", LEVEL: "debug" },
    ]);
    expect(await settled(pulumi.all([two.containerSize, two.containerEnvvars]))).toEqual([
      "M",
      { TZ: "UTC", LEVEL: "info", A: "1" },
    ]);
  });

  test("applications outside of the stack are linked beside its own", async () => {
    const other = new TutumApplication("other", { image: "tutum/other" });
    for (const linkedToApplication of [[other], pulumi.output([other.id])]) {
      const stack = new ApplicationStack(`shop${Math.random()}`, {
        applications: {
          db: { image: "tutum/mysql" },
          web: { image: "a/b", links: ["db"], linkedToApplication },
        },
      });
      const links = await settled(stack.applications.web.linkedToApplication);
      expect(links.map(({ application }) => application)).toEqual([
        await settled(stack.applications.db.id),
        await settled(other.id),
      ]);
    }
  });

  test("a prefix begins the names that nobody chose, and is in no link's name", async () => {
    const stack = new ApplicationStack("shop", {
      namePrefix: "prod-",
      applications: {
        web: {
          image: "a/b",
          links: ["db", { application: "cache" }, { application: "queue", name: "q" }, "own"],
        },
        db: { image: "a/b" },
        cache: { image: "a/b" },
        queue: { image: "a/b" },
        own: { image: "a/b", name: "mine" },
      },
    });
    await settled(stack.applications.web.id);
    expect(Object.values(mocks.applications).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["prod-web", "prod-db", "prod-cache", "mine"]),
    );
    const links = await settled(stack.applications.web.linkedToApplication);
    expect(links.map(({ name }) => name).sort()).toEqual(["cache", "db", "mine", "q"]);
  });

  test("an application that is undefined is left out", async () => {
    const applications = { web: { image: "a/b" }, debug: undefined };
    const stack = new ApplicationStack("shop", { applications });
    await settled(stack.applications.web.id);
    expect(Object.keys(stack.applications)).toEqual(["web"]);
    expect(Object.keys(mocks.applications)).toEqual(["shop-web"]);
  });

  test.each([
    ['new TutumApplication("p")', 'its arguments are missing: new TutumApplication("p", { image: "…" }).'],
    ['new ApplicationStack("s")', "its applications are missing"],
    ['new ApplicationStack("s", {})', "its applications are missing"],
    [
      'new ApplicationStack("s", { applications: { web: "nginx" } })',
      "web must be an object with its arguments",
    ],
    [
      'new ApplicationStack("s", { applications: { web: null } })',
      "web must be an object with its arguments",
    ],
    [
      'new ApplicationStack("s", { applications: { web: { image: "a/b", links: ["db"] }, db: undefined } })',
      'web links to "db", which is not one of its applications',
    ],
  ])("in a program without types, %s is refused in a sentence", (text, message) => {
    const declare = new Function("TutumApplication", "ApplicationStack", text);
    const work = () => declare(TutumApplication, ApplicationStack);
    expect(work).toThrow(message);
    expect(work).toThrow(pulumi.RunError);
  });

  test.each<[string, ApplicationStackArgs["applications"], string]>([
    [
      "a link to a name that is not there",
      { web: { image: "a/b", links: ["dbb"] }, db: { image: "a/b" } },
      'ApplicationStack shop: web links to "dbb", which is not one of its applications; did you mean "db"?',
    ],
    [
      "a dependency on a name that is not there",
      { web: { image: "a/b", dependsOn: ["queue"] }, db: { image: "a/b" } },
      'ApplicationStack shop: web depends on "queue", which is not one of its applications; valid are web, db.',
    ],
    [
      "a circle",
      {
        a: { image: "a/b", links: ["b"] },
        b: { image: "a/b", links: [{ application: "c" }] },
        c: { image: "a/b", links: ["b"] },
      },
      "ApplicationStack shop: the links go in a circle, b -> c -> b: one has to be first, as a container gets its variables",
    ],
    [
      "a link to itself",
      { a: { image: "a/b", links: ["a"] } },
      "ApplicationStack shop: the links go in a circle, a -> a: one has to be first, as a container gets its variables",
    ],
  ])("%s is refused", (_what, applications, message) => {
    const stack = () => new ApplicationStack("shop", { applications });
    expect(stack).toThrow(message);
    expect(stack).not.toThrow("?.");
  });
});
