/** What no recording shows. */
import { exitCode, readPreviews, render, reportOf } from "../../provider/report";
import type { Graph } from "../../provider/report/graph";
import { svg } from "../../provider/report/svg";
import { recording } from "./recorded";

const TYPE = "pulumi-nodejs:dynamic/tutum:Application";
const urn = (name: string) => `urn:pulumi:prod::shop::${TYPE}::${name}`;
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const digest = (...steps: object[]) => reportOf(readPreviews(JSON.stringify({ steps }), "digest.json"));
const events = (...given: object[]) =>
  reportOf(
    readPreviews([{ preludeEvent: {} }, ...given].map(each => JSON.stringify(each)).join("\n"), "events"),
  );
const meanings = (report: ReturnType<typeof digest>) =>
  JSON.parse(render(report, { format: "json" })).stacks[0].applications.map(
    ({ name, meaning }: { name: string; meaning: string }) => `${name}: ${meaning}`,
  );
const summaryEvent = { summaryEvent: { resourceChanges: { same: 1 }, result: "succeeded" } };

describe("steps", () => {
  test("an unknown value in a property that replaces may replace, and ranks with the dangerous ones", () => {
    const step = (name: string, image: unknown, count: number) => ({
      ...{ op: "update", urn: urn(name) },
      oldState: { inputs: { image: "tutum/redis", targetNumContainers: 1 } },
      newState: { inputs: { image, targetNumContainers: count } },
    });
    expect(meanings(digest(step("a", "tutum/redis", 2), step("b", UNKNOWN, 1)))).toEqual([
      "b: replaced if image turns out different, which is not known before pulumi up",
      "a: scaled in place 1 → 2, no restart",
    ]);
  });

  test("what only the state holds is told when nothing else changes", () => {
    const inputs = (secretInputs: string[]) => ({ image: "tutum/redis", secretInputs });
    const step = { op: "update", urn: urn("web"), oldState: { inputs: inputs([]) } };
    expect(meanings(digest({ ...step, newState: { inputs: inputs(["containerEnvvars"]) } }))).toEqual([
      "web: which of its arguments are secrets changes, nothing on the server",
    ]);
    const created = digest({
      op: "create",
      urn: urn("web"),
      newState: { inputs: inputs(["containerEnvvars"]) },
    });
    expect(render(created)).not.toContain("secretInputs");
  });

  test("an application that is adopted is not created", () => {
    const report = digest({
      op: "create",
      urn: urn("web"),
      newState: { inputs: { image: "tutum/redis", adopt: "web-2" } },
    });
    expect(meanings(report)).toEqual(["web: adopts web-2, which exists on the server"]);
  });

  test("what an interrupted replacement left is no deletion of the application", () => {
    const report = digest({ op: "delete-replaced", urn: urn("web"), oldState: { inputs: {} } });
    expect(meanings(report)).toEqual([
      "web: deletes what an interrupted replacement left behind; the application itself stays",
    ]);
  });

  test("retainOnDelete loses no data and takes nothing down", () => {
    const report = digest({ op: "delete", urn: urn("web"), oldState: { inputs: {}, retainOnDelete: true } });
    expect(meanings(report)).toEqual([
      "web: leaves the state, and keeps running on the server: the program says retainOnDelete",
    ]);
    expect(render(report, { format: "text" })).toContain("1 to delete\n");
  });

  test("an operation of a later Pulumi is a change all the same", () => {
    expect(
      exitCode(
        digest({ op: "teleport", urn: urn("web"), oldState: { inputs: {} }, newState: { inputs: {} } }),
      ),
    ).toBe(2);
  });

  test("a chain of 1,000 replaced applications is told in reasonable time, from its beginning", () => {
    const link = (id: string) => [{ application: id, name: "next" }];
    const chain = Array.from({ length: 1_000 }, (_, n) => ({
      ...{ op: "replace", urn: urn(`app-${n}`), replaceReasons: [n === 0 ? "image" : "linkedToApplication"] },
      oldState: {
        id: uuid(n),
        inputs: { image: "a", linkedToApplication: n === 0 ? [] : link(uuid(n - 1)) },
      },
      newState: {
        inputs: { image: n === 0 ? "b" : "a", linkedToApplication: n === 0 ? [] : link(UNKNOWN) },
        propertyDependencies: { linkedToApplication: n === 0 ? [] : [urn(`app-${n - 1}`)] },
      },
    }));
    expect(meanings(digest(...chain))).toContain(
      "app-999: replaced because its link to app-998 is recreated (it begins with app-0, replaced because image changed): new uuid and DNS name, its containers are recreated",
    );
  });

  test("two applications linked to each other end no loop", () => {
    const step = (name: string, n: number, other: number) => ({
      ...{ op: "replace", urn: urn(name), replaceReasons: ["linkedToApplication"] },
      oldState: { id: uuid(n), inputs: { linkedToApplication: [{ application: uuid(other) }] } },
      newState: { inputs: { linkedToApplication: [{ application: UNKNOWN, name: n === 1 ? "b" : "a" }] } },
    });
    expect(render(digest(step("a", 1, 2), step("b", 2, 1)), { format: "html" })).toContain(
      "its link to <code>b</code> is recreated",
    );
  });
});

describe("events", () => {
  test("a mandatory policy is an error, an advisory one a warning, both above everything else", () => {
    const policy = (enforcementLevel: string, policyName: string) => ({
      policyEvent: { resourceUrn: urn("web"), message: "no latest tag", policyName, enforcementLevel },
    });
    const report = events(policy("advisory", "tags"), policy("mandatory", "pinned"), summaryEvent);
    expect(exitCode(report)).toBe(1);
    expect(render(report, { format: "text" })).toContain(
      "- Error, policy pinned, web: no latest tag\n- Warning, policy tags, web: no latest tag",
    );
  });

  test("a stream that ends early is a preview that failed", () => {
    const report = events({
      resourcePreEvent: { metadata: { op: "create", urn: urn("web"), new: { inputs: { image: "a" } } } },
    });
    expect(exitCode(report)).toBe(1);
    expect(render(report, { format: "text" })).toContain(
      "The events end before the preview did: it was interrupted.",
    );
  });

  test("two streams in one file are two stacks", () => {
    const stream = (stack: string) => {
      const metadata = { op: "same", urn: `urn:pulumi:${stack}::shop::pulumi:pulumi:Stack::shop-${stack}` };
      return [{ preludeEvent: {} }, { resourcePreEvent: { metadata } }, summaryEvent];
    };
    const text = [...stream("a"), ...stream("b")].map(each => JSON.stringify(each)).join("\n");
    expect(render(reportOf(readPreviews(text, "both")), { format: "text" })).toBe(
      "2 stacks: no changes\n\nNo changes in shop/a and shop/b.\n",
    );
  });
});

describe("values", () => {
  const change = (path: string, before: unknown, after: unknown) => ({
    ...{ op: "replace", urn: urn("web") },
    oldState: { inputs: { containerEnvvars: { [path]: before } } },
    newState: { inputs: { containerEnvvars: { [path]: after } } },
  });

  test.each([
    ["DATABASE_URL", "postgres://shop:canary@db/shop"],
    ["HOOK", "https://hooks.example.com/T0/?token=canary-1"],
    ["KEYFILE", "-----BEGIN RSA PRIVATE KEY-----\ncanary"],
    ["GH", "ghp_canarycanary0123456789"],
    ["ANY", "canaryQ8xZ1pV7kM3sT9wB5nR2"],
    ["MY_PASSWORD", "canary"],
    ["SETTINGS", '{"user":"shop","password":"canary-1"}'],
  ])("%s=%s is not shown, nor repeated from a message", (name, value) => {
    const steps = [change(name, value, "other")];
    const diagnostics = [{ severity: "warning", message: `using ${value.length >= 8 ? value : "it"}` }];
    const report = reportOf(readPreviews(JSON.stringify({ steps, diagnostics }), "x"));
    for (const format of ["markdown", "html", "json", "text"] as const)
      expect(render(report, { format })).not.toContain("canary");
  });

  test("a key in hexadecimal is not shown, whatever its name and however little random it looks", () => {
    const key = "d41d8cd98f00b204e9800998ecf8427e";
    expect(render(digest(change("SETTING", "before", key)))).not.toContain(key);
  });

  test.each([
    ["dial postgres://shop:canary@db/shop: refused", "dial postgres://shop:***@db/shop: refused"],
    ["401 for ghp_canarycanary0123456789.", "401 for ***."],
    ["bad -----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY----- here", "bad *** here"],
    ["see https://example.com:8080/a@b", "see https://example.com:8080/a@b"],
  ])("of the message %j is shown %j", (message, shown) => {
    const text = JSON.stringify({ steps: [], diagnostics: [{ severity: "error", message }] });
    expect(render(reportOf(readPreviews(text, "x")), { format: "text" })).toContain(`- Error: ${shown}\n`);
  });

  test.each([
    "production",
    "10.0.0.1:5432",
    "en_GB.UTF-8",
    "https://shop.example.com/path/to/page",
    "application/json; charset=utf-8",
  ])("%s is shown", value => {
    expect(render(digest(change("SETTING", "before", value)))).toContain(`\`${value}\``);
  });
});

describe("what is said", () => {
  const replaced = (name: string, inputs: object = {}, more: object = {}) => ({
    ...{ op: "replace", urn: urn(name), replaceReasons: ["triggers"] },
    oldState: { id: uuid(name.length), inputs: { image: "a/b", ...inputs }, ...more },
    newState: { inputs: { image: "a/b", triggers: [1], ...inputs } },
  });
  const loses = (image: string, more: object = {}, data: Parameters<typeof reportOf>[2] = {}) => {
    const json = JSON.stringify({ steps: [replaced("app", { image }, more)] });
    return reportOf(readPreviews(json, "digest"), {}, data).stacks[0]?.applications[0]?.losesData;
  };

  test.each([
    "postgres",
    "tutum/mysql:5.5",
    "registry.example.com:5000/bitnami/mongodb@sha256:00",
    "redis/redis-stack",
  ])("%s holds data that a replacement loses", image => {
    expect(loses(image)).toBe(true);
    expect(loses(image, {}, { holdsNoData: ["app"] })).toBe(false);
  });

  test.each([
    "nginx:1.27",
    "prom/mysqld-exporter",
    "oliver006/redis_exporter",
    "edoburu/pgbouncer",
    "tutum/hello-world",
  ])("%s holds none, unless it is protected or somebody says so", image => {
    expect(loses(image)).toBe(false);
    expect(loses(image, { protect: true })).toBe(true);
    expect(loses(image, {}, { holdsData: ["app"] })).toBe(true);
    expect(loses(image, {}, { holdsData: [image.replace(/:.*/, "")] })).toBe(true);
  });

  test("causes stand before what follows from them, and 2 before 12", () => {
    const follower = (name: string) => ({
      ...{ op: "replace", urn: urn(name), replaceReasons: ["linkedToApplication"] },
      oldState: { inputs: { linkedToApplication: [{ application: uuid(5), name: "zebra" }] } },
      newState: { inputs: { linkedToApplication: [{ application: UNKNOWN, name: "zebra" }] } },
    });
    const report = digest(follower("app-12"), follower("app-2"), replaced("zebra"), replaced("app-101"));
    const rows = report.stacks[0]?.applications.map(({ name }) => name);
    expect(rows).toEqual(["app-101", "zebra", "app-2", "app-12"]);
  });

  test("a domain that goes or moves is named, and nothing then says that nothing is down", () => {
    const domain = { webPublicDns: "shop.example.com" };
    const gone = replaced("shop", domain);
    const report = digest(
      { ...gone, newState: { inputs: { image: "a/b" } } },
      replaced("kept", { webPublicDns: "kept.example.com" }),
    );
    expect(meanings(report)).toEqual([
      expect.stringContaining("kept.example.com leads to the new one once it runs"),
      expect.stringContaining("its domain shop.example.com goes"),
    ]);
    const text = render(report, { format: "text" });
    expect(text).toContain("shop.example.com leads nowhere afterwards.");
    expect(text).not.toContain("Nothing");
  });

  test("a domain that goes from one application to another moves, whatever else happens to the two", () => {
    const domain = { webPublicDns: "shop.example.com" };
    const other = { webPublicDns: "old.example.com" };
    const inputs = { image: "a/b", targetNumContainers: 1 };
    const update = (name: string, before: object, after: object) => ({
      ...{ op: "update", urn: urn(name) },
      oldState: { inputs: { ...inputs, ...before } },
      newState: { inputs: { ...inputs, ...after } },
    });
    const told = (...steps: object[]) => meanings(digest(...steps)).sort();
    expect(told(update("blue", domain, {}), update("green", {}, domain))).toEqual([
      "blue: its domain shop.example.com moves to green, no restart",
      "green: the domain shop.example.com moves to it from blue, no restart",
    ]);
    expect(told(update("blue", domain, other), update("green", other, domain))).toEqual([
      "blue: its domain shop.example.com moves to green, the domain old.example.com moves to it from green, no restart",
      "green: its domain old.example.com moves to blue, the domain shop.example.com moves to it from blue, no restart",
    ]);
    const created = { op: "create", urn: urn("green"), newState: { inputs: { ...inputs, ...domain } } };
    const deleted = { op: "delete", urn: urn("blue"), oldState: { inputs: { ...inputs, ...domain } } };
    expect(told(created, deleted)).toEqual([
      "blue: deleted with its containers; its domain shop.example.com moves to green",
      "green: created: 1 container of a/b; the domain shop.example.com moves to it from blue",
    ]);
    const gone = { ...replaced("blue", domain), newState: { inputs: { image: "a/b" } } };
    expect(told(gone, created)[0]).toContain("its domain shop.example.com moves to green");
    // Where nobody else is involved, as before.
    expect(told(update("blue", domain, {}), update("green", {}, other))).toEqual([
      "blue: its domain shop.example.com is removed, no restart",
      "green: gets the domain old.example.com, no restart",
    ]);
  });

  test("what somebody deleted is the cause of what it replaces", () => {
    const cache = { id: uuid(1), inputs: { image: "a/b", name: "cache" } };
    const report = digest(
      { op: "refresh", urn: urn("cache"), oldState: cache },
      { op: "create", urn: urn("cache"), newState: { inputs: cache.inputs } },
      {
        ...{ op: "replace", urn: urn("users"), replaceReasons: ["linkedToApplication"] },
        oldState: { inputs: { linkedToApplication: [{ application: uuid(1), name: "cache" }] } },
        newState: { inputs: { linkedToApplication: [{ application: UNKNOWN, name: "cache" }] } },
      },
    );
    expect(meanings(report)).toContainEqual(
      expect.stringContaining(
        "users: replaced because its link to cache is recreated (cache is created again, as it was deleted outside Pulumi)",
      ),
    );
  });

  test("the stack that holds applications together is nobody's other resource", () => {
    const report = digest({ op: "create", urn: "urn:pulumi:prod::shop::tutum:index:ApplicationStack::acme" });
    expect(report.stacks[0]?.others).toEqual([]);
  });

  test("what fails in a resource is told once, though the host prints it at the stack, too", () => {
    const message = "Reading application web failed: cannot reach it";
    const stack = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod";
    const report = reportOf(
      readPreviews(
        JSON.stringify({
          steps: [],
          diagnostics: [
            { severity: "error", urn: stack, message: `TutumAuthError: ${message}:` },
            { severity: "error", urn: urn("web"), message },
          ],
        }),
        "digest",
      ),
    );
    expect(report.stacks[0]?.problems).toEqual([{ severity: "error", urn: urn("web"), message }]);
  });

  test("a report that was cut says of which files to see it all", () => {
    const report = digest(...Array.from({ length: 40 }, (_, n) => replaced(`app-${n}`)));
    expect(render(report, { maxChars: 3_000 })).toContain("`pulumi-tutum report --host none digest.json`");
  });
});

describe("the diagram of a page", () => {
  const OPERATIONS = ["create", "update", "replace", "delete", "same"] as const;
  const MARKS = ["same", "added", "removed", "moves"] as const;
  const graph = (count: number): Graph => ({
    nodes: Array.from({ length: count }, (_, n) => ({
      ...{ key: `k${n}`, name: `service-with-a-long-name-${n}`, operation: OPERATIONS[n % 5] ?? "same" },
    })),
    edges: Array.from({ length: count * 2 }, (_, n) => ({
      from: `k${n % count}`,
      to: `k${(n * 7 + 3) % count}`,
      mark: MARKS[n % 4] ?? "same",
    })).filter(({ from, to }) => from !== to),
  });
  const numbers = (text: string, form: RegExp) =>
    [...text.matchAll(form)].map(found => found.slice(1).map(Number));

  test.each([2, 12, 40])(
    "of %p applications fits a telephone; no line crosses a box, no text lies on another",
    count => {
      const drawn = svg(graph(count));
      const [[width = 0] = []] = numbers(drawn, /<svg role="img"[^>]* width="([\d.]+)"/g);
      expect(width).toBeLessThanOrEqual(380);
      const boxes = numbers(drawn, /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g);
      expect(boxes).toHaveLength(count);
      const edge = Math.max(...boxes.map(([x = 0, , boxWidth = 0]) => x + boxWidth));
      const lines = numbers(drawn, /d="M([\d.]+),[\d.]+ H([\d.]+) V[\d.]+ H([\d.]+)"/g);
      expect(lines.length).toBe(graph(count).edges.length);
      for (const each of lines.flat()) expect(each).toBeGreaterThanOrEqual(edge);
      for (const each of lines.flat()) expect(each).toBeLessThanOrEqual(width);
      // Each text is in a box of its own, and the boxes stand apart.
      expect(drawn.match(/<text /g)).toHaveLength(count);
      const tops = boxes.map(([, y = 0]) => y);
      expect(tops).toEqual([...tops].sort((a, b) => a - b));
      for (let n = 1; n < count; n++) expect((tops[n] ?? 0) - (tops[n - 1] ?? 0)).toBeGreaterThan(30);
      const longest = Math.max(
        ...[...drawn.matchAll(/<text [^>]*>([^<]*)</g)].map(([, words = ""]) => [...words].length),
      );
      expect(longest).toBeLessThanOrEqual(30);
    },
  );
});

describe("links to what is recreated", () => {
  const recorded = recording("link-aliases");
  const text = (json: string) => render(reportOf(readPreviews(json, "digest")), { format: "text" });

  test("keep their aliases, in whatever order the engine names the targets", () => {
    const shuffled = [1, 2, 3, 4, 5].map(seed => {
      const preview = JSON.parse(recorded) as { steps: object[] };
      return JSON.stringify(rotated(preview, seed));
    });
    expect(text(recorded)).not.toMatch(/ as catalog →|→.* as catalog/);
    for (const each of shuffled) expect(text(each)).toBe(text(recorded));
  });

  test("with nothing that tells two of them apart, neither is named", () => {
    const link = (name: string) => ({ application: UNKNOWN, name });
    const created = (name: string, inputs: object, targets: string[] = []) => ({
      ...{ op: "create", urn: urn(name) },
      newState: {
        inputs: { image: "a/b", name, ...inputs },
        propertyDependencies: { linkedToApplication: targets.map(urn) },
      },
    });
    const links = { linkedToApplication: [link("first"), link("second")] };
    for (const targets of [
      ["x", "y"],
      ["y", "x"],
    ]) {
      const report = digest(created("web", links, targets), created("x", {}), created("y", {}));
      expect(meanings(report)[0]).toBe("web: created: containers of a/b, linked to first and second");
    }
  });
});

/** With every list of URNs turned by so many places. */
function rotated(value: unknown, by: number): unknown {
  if (Array.isArray(value)) {
    const urns = value.every(each => typeof each === "string" && each.startsWith("urn:"));
    const at = urns && value.length > 0 ? by % value.length : 0;
    return [...value.slice(at), ...value.slice(0, at)].map(each => rotated(each, by));
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rotated(item, by)]));
}
