/** The data folder: what it holds is never lost to one damaged file, and what is not ours is left alone. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Application, Page } from "../../../../provider/tutum/client";
import { UserError } from "../../../../server/host/errors";
import { readSettings } from "../../../../server/host/storage/settings";
import { startTestServer, temporaryFolder } from "../../harness";

const ROOT = "/api/v1/application/";

/** With an application; the server has ended. */
async function usedFolder(): Promise<{ dataDir: string; port: number; apikey: string }> {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startTestServer({ dataDir, apikey: undefined });
  await server.create({ image: "tutum/redis" });
  await server.close();
  return { dataDir, port: server.port, apikey: server.apikey };
}

type Fields = Record<string, unknown>;

/** Every way a settings file can be wrong. */
const DAMAGES: [what: string, damaged: (text: string, fields: Fields) => string][] = [
  ["null", () => "null"],
  ["nothing", () => ""],
  ["garbage", () => "\u0000\u0001garbage"],
  ["a list", () => "[]"],
  ["a text", () => '"x"'],
  ["no token", (_, { controlToken: _token, ...others }) => JSON.stringify(others)],
  ["half of it", text => text.slice(0, text.length / 2)],
  ...Object.entries({
    controlToken: ["", null, 7, {}],
    port: ["abc", 99_999_999, -1, 0, 1.5, null, [8080]],
    proxyPort: ["80"],
    doorPort: [65_536],
    user: ["", 5, null],
    apikey: ["", 5, null, ["k"]],
    server: ["", 5],
    backend: [5, null],
    nodes: ["n1", [5], [""], {}],
  }).flatMap(([name, values]) =>
    values.map((value): (typeof DAMAGES)[number] => [
      `${name} is ${JSON.stringify(value)}`,
      (_, fields) => JSON.stringify({ ...fields, [name]: value }),
    ]),
  ),
];

test.each(DAMAGES)(
  "settings.json with %s is made anew from its copy; without it, one sentence says what to do",
  async (_what, damage) => {
    const { dataDir } = await usedFolder();
    const file = join(dataDir, "settings.json");
    const whole = readFileSync(file, "utf8");
    const settings = readSettings(dataDir);
    writeFileSync(file, damage(whole, JSON.parse(whole)));
    expect(readSettings(dataDir)).toEqual(settings);

    rmSync(join(dataDir, "settings.copy"));
    expect(() => readSettings(dataDir)).toThrow(UserError);
    expect(() => readSettings(dataDir)).toThrow(
      /settings\.json is damaged \(.*\): restore it from a backup\./,
    );
    // Nothing of what the file holds is shown: it may be a key.
    const shown = (() => {
      try {
        readSettings(dataDir);
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(shown).not.toContain(String(settings?.apikey));
    await expect(startTestServer({ dataDir })).rejects.toThrow(UserError);
  },
);

test("with settings.json damaged, or gone, a server starts on the same address, with the same key and id", async () => {
  const { dataDir, port, apikey } = await usedFolder();
  const file = join(dataDir, "settings.json");
  const whole = readFileSync(file, "utf8");
  for (const damage of [() => writeFileSync(file, "garbage"), () => rmSync(file)]) {
    damage();
    const server = await startTestServer({ dataDir, apikey: undefined });
    expect([server.port, server.apikey]).toEqual([port, apikey]);
    expect((await server.get<Page<Application>>(ROOT)).meta.total_count).toBe(1);
    await server.close();
    expect(readFileSync(file, "utf8")).toBe(whole);
  }
});

test("with both files damaged nothing is lost by what is advised, and what is missing is not guessed", async () => {
  const { dataDir } = await usedFolder();
  writeFileSync(join(dataDir, "settings.json"), "garbage");
  writeFileSync(join(dataDir, "settings.copy"), "garbage");
  await expect(startTestServer({ dataDir })).rejects.toThrow(
    /damaged \(it is not JSON\), and so is its copy settings\.copy: restore one of them from a backup\..* you may remove both:/,
  );
  rmSync(join(dataDir, "settings.json"));
  rmSync(join(dataDir, "settings.copy"));
  await expect(startTestServer({ dataDir, backend: "docker" })).rejects.toThrow(
    "settings.json is missing, which says what runs the applications",
  );
  const server = await startTestServer({ dataDir });
  expect((await server.get<Page<Application>>(ROOT)).meta.total_count).toBe(1);
});

test("what another user may not read is not called damaged", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "settings.json"), '{ "controlToken": "x" }', { mode: 0o600 });
  // Root may read everything, so it becomes nobody for the moment; nobody else owns a file that they cannot read.
  const asRoot = process.geteuid?.() === 0;
  if (asRoot) process.seteuid?.(65_534);
  else chmodSync(join(folder, "settings.json"), 0);
  try {
    expect(() => readSettings(folder)).toThrow(
      /settings\.json cannot be read by this user \(EACCES\): be the one/,
    );
  } finally {
    if (asRoot) process.seteuid?.(0);
  }
});

test.each(["", "null", "{}", '{"pid":"1","url":"x"}', '{"pid":1,"url":"nonsense"}'])(
  "running.json with %j is nobody's address",
  async text => {
    const { dataDir } = await usedFolder();
    writeFileSync(join(dataDir, "running.json"), text);
    const server = await startTestServer({ dataDir });
    await server.close();
    expect(readdirSync(dataDir)).not.toContain("running.json");
  },
);

test("a folder with other things in it is refused, and left as it is", async () => {
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, ".git"));
  writeFileSync(join(dataDir, "settings.json"), '{"editor": "theirs"}');
  chmodSync(dataDir, 0o755);
  await expect(startTestServer({ dataDir })).rejects.toThrow(
    "has other things in it (.git): choose an empty folder or one of tutum-server for --data",
  );
  expect(readdirSync(dataDir).sort()).toEqual([".git", "settings.json"]);
  expect(statSync(dataDir).mode & 0o777).toBe(0o755);
});

test("an empty folder, also one of a new volume, is used with the modes it has", async () => {
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, "lost+found"));
  chmodSync(dataDir, 0o750);
  const server = await startTestServer({ dataDir });
  expect(statSync(dataDir).mode & 0o777).toBe(0o750);
  expect(readdirSync(dataDir)).not.toContain(".gitignore");
  await server.close();
});

test("a folder of tutum-server stays one, whatever else was put into it", async () => {
  const { dataDir } = await usedFolder();
  writeFileSync(join(dataDir, "notes.txt"), "mine");
  const server = await startTestServer({ dataDir });
  expect((await server.get<Page<Application>>(ROOT)).meta.total_count).toBe(1);
});

test("a folder copied to another place, or another machine, has its applications, address and key", async () => {
  const { dataDir, port, apikey } = await usedFolder();
  const moved = join(temporaryFolder(), "moved");
  cpSync(dataDir, moved, { recursive: true });
  rmSync(dataDir, { recursive: true });
  const server = await startTestServer({ dataDir: moved, apikey: undefined });
  expect([server.port, server.apikey]).toEqual([port, apikey]);
  expect((await server.get<Page<Application>>(ROOT)).meta.total_count).toBe(1);
});
