import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backendUrl } from "../../provider/tutum/lifecycle/backend-url";
import { intentFiles } from "../../provider/tutum/lifecycle/intent-files";
import { type Intent, Intents } from "../../provider/tutum/lifecycle/intents";
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
    first.returned("a.2");
    first.returned("a.3");
    first.forget("a.1");
    first.begin(intent("a.4"), nobody);
    // Nothing of its own is left over as long as it runs.
    expect(first.leftBy("web")).toEqual([]);

    const second = new Intents(rememberedIntents(disk));
    expect(second.leftBy("web").map(({ mark, stage }) => [mark, stage])).toEqual([
      ["a.2", "returned"],
      ["a.3", "returned"],
      ["a.4", "begun"],
    ]);
    expect(second.leftBy("db")).toEqual([]);
    second.seen("a.2");
    expect(second.leftBy("web", "a.3").map(({ mark }) => mark)).toEqual(["a.4"]);
    expect(second.find("a.2")?.stage).toBe("kept");
    second.takeOver("a.4");
    expect(second.leftBy("web", "a.3")).toEqual([]);
  });

  test("a run that ends in peace leaves nothing but what the engine never heard of", () => {
    const disk = new Map<string, Intent>();
    const run = new Intents(rememberedIntents(disk));
    run.begin(intent("a.1"), nobody);
    run.begin(intent("a.2"), nobody);
    run.returned("a.1");
    run.end();
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
    run.returned("a.1");
    run.end();
    expect(new Intents(intentFiles(env())).leftBy("web")).toEqual([]);
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
