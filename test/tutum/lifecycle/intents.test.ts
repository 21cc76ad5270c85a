import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os, { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { TutumClient } from "../../../provider/tutum/client";
import { missingIn } from "../../../provider/tutum/lifecycle/backend-folder";
import { backendUrl } from "../../../provider/tutum/lifecycle/backend-url";
import { intentFiles, KEPT } from "../../../provider/tutum/lifecycle/intent-files";
import { type Intent, Intents } from "../../../provider/tutum/lifecycle/intents";
import { rememberedIntents } from "./operation";

const intent = (mark: string, changes: Partial<Intent> = {}): Intent => ({
  mark,
  stage: "begun",
  resource: "web",
  name: "web",
  endpoint: "http://127.0.0.1/api/v1/",
  userHash: "0123",
  begun: "2026-11-27T12:03:04.000Z",
  ...changes,
});
const nobody = () => undefined;

describe("what a machine remembers of creations", () => {
  test("only what was begun, and is in no state, is left over", () => {
    const disk = new Map<string, Intent>();
    const first = new Intents(rememberedIntents(disk));
    for (const mark of ["a.1", "a.2", "a.3"]) first.begin(intent(mark), nobody);
    first.returned("a.2", "two");
    first.returned("a.3", "three");
    first.forget("a.1");
    first.begin(intent("a.4"), nobody);
    // Nothing of its own is left over as long as it runs.
    expect([first.leftBy("web"), first.handedOver("web")]).toEqual([[], []]);

    const second = new Intents(rememberedIntents(disk));
    const marks = (left: Intent[]) => left.map(({ mark }) => mark);
    expect(marks(second.leftBy("web"))).toEqual(["a.4"]);
    expect(marks(second.handedOver("web"))).toEqual(["a.2", "a.3"]);
    expect([second.leftBy("db"), second.handedOver("db")]).toEqual([[], []]);
    second.seen("a.2");
    expect(marks(second.handedOver("web"))).toEqual(["a.3"]);
    expect(second.handedOver("web", "a.3")).toEqual([]);
    expect(second.find("a.2")?.stage).toBe("kept");
    second.takeOver("a.4");
    expect(second.leftBy("web")).toEqual([]);
  });

  test("what the user adopts is no evidence any more, whichever state began it", () => {
    const [mine, theirs] = [new Map<string, Intent>(), new Map<string, Intent>()];
    new Intents(rememberedIntents(mine)).begin(intent("a.1"), nobody);
    new Intents(rememberedIntents(theirs)).begin(intent("b.1"), nobody);
    const run = new Intents({
      ...rememberedIntents(mine),
      remove: mark => void [mine, theirs].map(disk => disk.delete(mark)),
    });
    run.adopted("a.1");
    run.adopted("b.1");
    expect(new Intents(rememberedIntents(mine)).leftBy("web")).toEqual([]);
    expect(theirs.size).toBe(0);
  });

  test("of what was handed over when the engine was killed, what it never saved is left over, and the rest is not", () => {
    const disk = new Map<string, Intent>();
    const run = new Intents({
      ...rememberedIntents(disk),
      unsaved: uuids => uuids.filter(id => id === "two"),
    });
    for (const mark of ["a.1", "a.2"]) run.begin(intent(mark), nobody);
    run.returned("a.1", "one");
    run.returned("a.2", "two");
    run.end(false);
    const next = new Intents(rememberedIntents(disk));
    expect([next.leftBy("web"), next.handedOver("web")].map(left => left.map(({ mark }) => mark))).toEqual([
      ["a.2"],
      ["a.1"],
    ]);
  });

  test("what was handed over and cannot be noted is forgotten: it never counts as what nobody has", () => {
    const disk = new Map<string, Intent>();
    const log = rememberedIntents(disk);
    const full = (intent: Intent) => {
      if (intent.stage !== "begun") throw new Error("ENOSPC");
      log.write(intent);
    };
    const run = new Intents({ ...log, write: full });
    run.begin(intent("a.1"), nobody);
    run.returned("a.1", "one");
    expect(new Intents(log).leftBy("web")).toEqual([]);
  });

  test("a run that ends in peace leaves nothing but what the engine never heard of", () => {
    const disk = new Map<string, Intent>();
    const run = new Intents(rememberedIntents(disk));
    run.begin(intent("a.1"), nobody);
    run.begin(intent("a.2"), nobody);
    run.returned("a.1", "one");
    run.end(true);
    expect([...disk.values()].map(({ mark, stage }) => [mark, stage])).toEqual([
      ["a.1", "kept"],
      ["a.2", "begun"],
    ]);
  });
});

describe("intents as files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tutum-intents-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const env = (backend = "file:///a") => ({ XDG_STATE_HOME: folder, PULUMI_BACKEND_URL: backend });
  const files = () => join(folder, "pulumi-tutum/creations");

  test("are the user's alone, and of one state alone", () => {
    intentFiles(env()).write(intent("a.1"));
    expect(statSync(files()).mode & 0o777).toBe(0o700);
    expect(statSync(join(files(), "a.1.json")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(files(), "a.1.json"), "utf8")).not.toContain("file:///a");
    expect(intentFiles(env()).read()).toEqual([intent("a.1")]);
    expect(intentFiles(env("file:///b")).read()).toEqual([]);
    intentFiles(env()).remove("a.1");
    expect(readdirSync(files())).toEqual([]);
  });

  test("a file that nobody can make sense of is no evidence, whatever part of it is there", () => {
    intentFiles(env()).write(intent("a.1"));
    const file = join(files(), "a.1.json");
    const text = readFileSync(file, "utf8").trimEnd();
    for (let length = 0; length < text.length; length++) {
      writeFileSync(file, text.slice(0, length));
      expect(intentFiles(env()).read()).toEqual([]);
    }
    writeFileSync(file, text.replace('"begun"', '"elsewhere"'));
    expect(intentFiles(env()).read()).toEqual([]);
  });

  test("are bounded: the next creation removes what is older than 90 days, and of too many the oldest", () => {
    mkdirSync(files(), { recursive: true });
    const daysAgo = (name: string, days: number) => {
      writeFileSync(join(files(), name), "");
      const at = Date.now() / 1000 - days * 86_400;
      utimesSync(join(files(), name), at, at);
    };
    daysAgo("a.1.json", 91);
    daysAgo("a.2.json.draft", 91);
    daysAgo("a.3.json", 89);
    for (let n = 0; n < KEPT.files; n++) daysAgo(`b.${n}.json`, n / KEPT.files);
    const log = intentFiles(env());
    log.write(intent("c.1"));
    const left = readdirSync(files());
    expect(left).toHaveLength(KEPT.files + 1);
    expect(left.filter(name => name.startsWith("a."))).toEqual([]);
    // Once in a process: a creation costs no look at all the others.
    daysAgo("a.4.json", 91);
    log.write(intent("c.2"));
    expect(readdirSync(files())).toContain("a.4.json");
  });

  test("are of the backend in which the run began, wherever the user logs in meanwhile", () => {
    const where = { ...env(), PULUMI_BACKEND_URL: undefined, PULUMI_HOME: folder };
    const login = (current: string) =>
      writeFileSync(join(folder, "credentials.json"), JSON.stringify({ current }));
    const [here, elsewhere] = ["here", "elsewhere"].map(name => join(folder, name, ".pulumi/stacks/project"));
    for (const [stacks, state] of [
      [here, '{"id":"one"}'],
      [elsewhere, "{}"],
    ] as const) {
      mkdirSync(stacks as string, { recursive: true });
      writeFileSync(join(stacks as string, "test.json"), state);
    }
    login(`file://${folder}/here`);
    const log = intentFiles(where, folder);
    log.write(intent("a.1"));
    login(`file://${folder}/elsewhere`);
    expect(log.unsaved(["one", "two"])).toEqual(["two"]);
    expect(log.read()).toEqual([intent("a.1")]);
    expect(intentFiles(where, folder).read()).toEqual([]);
  });

  test.each<[string, () => string]>([
    [
      "a user id that nobody made",
      () => {
        throw new Error("uv_os_homedir returned ENOENT");
      },
    ],
    ["an empty HOME", () => ""],
  ])("without a home (%s) nothing is noted, which is said, and nothing else fails", (_, homedir) => {
    const home = jest.spyOn(os, "homedir").mockImplementation(homedir);
    const { HOME } = process.env;
    delete process.env.HOME;
    try {
      const said: string[] = [];
      for (const state of [undefined, "relative/state"]) {
        const run = new Intents(intentFiles({ XDG_STATE_HOME: state }, folder));
        expect(run.leftBy("web")).toEqual([]);
        run.begin(intent("a.1"), message => said.push(message));
        run.returned("a.1", "one");
        run.end(false);
      }
      expect(said).toEqual(Array(2).fill(expect.stringContaining("set XDG_STATE_HOME")));
      const options = { endpoint: "http://127.0.0.1:1", user: "u", apikey: "k", env: {} };
      expect(new TutumClient(options).endpoint).toContain("127.0.0.1");
      expect(() => new TutumClient({ ...options, user: undefined })).toThrow("~/.tutum (no home folder)");
    } finally {
      home.mockRestore();
      process.env.HOME = HOME;
    }
  });

  test("a mark is no path", () => {
    expect(() => intentFiles(env()).write(intent("../a.1"))).toThrow("is no mark");
    writeFileSync(join(folder, "a.1.json"), "");
    intentFiles(env()).remove("../../a.1");
    expect(readdirSync(folder)).toContain("a.1.json");
  });

  test("what cannot be written is said once, and the run goes on", () => {
    writeFileSync(join(folder, "pulumi-tutum"), "");
    const said: string[] = [];
    const run = new Intents(intentFiles(env()));
    for (const mark of ["a.1", "a.2"]) run.begin(intent(mark), message => said.push(message));
    expect(said).toEqual([expect.stringContaining("cannot be noted on this machine")]);
    run.returned("a.1", "one");
    run.end(true);
    expect(new Intents(intentFiles(env())).leftBy("web")).toEqual([]);
  });
});

describe("a backend's folder on this machine", () => {
  let folder: string;
  let stacks: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tutum-states-"));
    stacks = join(folder, ".pulumi/stacks/project");
    mkdirSync(stacks, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const missing = (url = `file://${folder}`) => missingIn(url, ["one", "two", "three"]);

  test("says which ids no state has, compressed ones too", () => {
    writeFileSync(join(stacks, "test.json"), '{"id":"one"}');
    writeFileSync(join(stacks, "other.json.gz"), gzipSync('{"id":"two"}'));
    expect(missing()).toEqual(["three"]);
    expect(intentFiles({ PULUMI_BACKEND_URL: `file://${folder}` }).unsaved(["one", "three"])).toEqual([
      "three",
    ]);
  });

  test("says nothing when part of it is behind a link", () => {
    writeFileSync(join(stacks, "test.json"), '{"id":"one"}');
    symlinkSync(tmpdir(), join(folder, ".pulumi/stacks/linked"));
    expect(() => missing()).toThrow("has links");
    expect(intentFiles({ PULUMI_BACKEND_URL: `file://${folder}` }).unsaved(["two"])).toEqual([]);
  });

  test("says nothing of a backend that is elsewhere, cannot be read, or has no state", () => {
    expect(missing()).toEqual([]);
    writeFileSync(join(stacks, "test.json"), "{}");
    for (const url of [
      "s3://bucket",
      "https://api.pulumi.com",
      `file://${folder}?prefix=a`,
      "file://a",
      "unknown",
    ])
      expect(missing(url)).toEqual([]);
    writeFileSync(join(stacks, "other.json.gz"), "broken");
    expect(() => missing()).toThrow();
    expect(intentFiles({ PULUMI_BACKEND_URL: `file://${folder}` }).unsaved(["one"])).toEqual([]);
    expect(intentFiles({ PULUMI_BACKEND_URL: `file://${folder}/nowhere` }).unsaved(["one"])).toEqual([]);
  });
});

describe("the backend of a state", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tutum-backend-"));
    mkdirSync(join(folder, "project/src"), { recursive: true });
    mkdirSync(join(folder, ".pulumi"));
    writeFileSync(
      join(folder, ".pulumi/credentials.json"),
      JSON.stringify({ current: "https://api.example.com" }),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is what the environment says, else the project, else where the user is logged in", () => {
    const cwd = join(folder, "project/src");
    const env = { HOME: folder };
    expect(backendUrl({ HOME: "/nobody" }, "/")).toBe("unknown");
    expect(backendUrl(env, cwd)).toBe("https://api.example.com");
    writeFileSync(join(folder, "project/Pulumi.yaml"), "name: p\nbackend:\n  url: s3://bucket\n");
    expect(backendUrl(env, cwd)).toBe("s3://bucket");
    expect(backendUrl({ ...env, PULUMI_BACKEND_URL: "file:///a" }, cwd)).toBe("file:///a");
    expect(backendUrl({ ...env, PULUMI_BACKEND_URL: "file://./state" }, cwd)).toBe(`file://${cwd}/state`);
    writeFileSync(join(folder, "project/Pulumi.yaml"), "{{{");
    expect(backendUrl(env, cwd)).toBe("https://api.example.com");
  });
});
