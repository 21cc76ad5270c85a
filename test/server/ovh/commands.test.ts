/** `tutum-server exec --with ovh` as people run it: what the command is told, and what is refused. */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { atEnd, temporaryFolder } from "../harness";
import { buildServer } from "../server-process";

const BIN = resolve(__dirname, "../../../server/bin/tutum-server.js");

beforeAll(buildServer, 120_000);

async function output(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, ...environment } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", data => (stdout += data));
  child.stderr.on("data", data => (stderr += data));
  const ended = new Promise<number | null>(done => child.on("close", done));
  atEnd(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { code: await ended, stdout, stderr };
}

const PRINT = `
  const own = Object.entries(process.env).filter(([name]) => name.startsWith("OVH_"));
  const { OVH_ENDPOINT: url, OVH_APPLICATION_KEY: key } = process.env;
  fetch(url + "/auth/time").then(r => r.json()).then(time =>
    console.log(JSON.stringify({ ...Object.fromEntries(own), time: typeof time, tutum: process.env.TUTUM_USER })));`;
const print = [process.execPath, "-e", PRINT];

test("the command finds endpoint and keys, no other OVH variable, and the same ones the next time", async () => {
  const data = join(temporaryFolder(), "data");
  const exec = ["exec", "--data", data, "--with", "ovh", "--", ...print];
  const first = await output(exec, { OVH_CONSUMER_KEY: "another", OVH_CLIENT_ID: "another" });
  expect([first.code, first.stderr]).toEqual([0, ""]);
  const told = JSON.parse(first.stdout);
  expect(told).toEqual({
    OVH_ENDPOINT: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/1\.0$/),
    OVH_APPLICATION_KEY: expect.stringMatching(/^\w{16}$/),
    OVH_APPLICATION_SECRET: expect.stringMatching(/^\w{32}$/),
    OVH_CONSUMER_KEY: expect.stringMatching(/^\w{32}$/),
    OVH_CONFIG_FILE: join(data, "ovh.conf"),
    time: "number",
    tutum: "admin",
  });
  expect(JSON.parse((await output(exec)).stdout)).toEqual(told);
});

test("a server that runs without it says so; real containers refuse it", async () => {
  const data = join(temporaryFolder(), "data");
  const inner = ["exec", "--data", data, "--with", "ovh", "--", "true"];
  const nested = await output(["exec", "--data", data, "--", process.execPath, BIN, ...inner]);
  expect([nested.code, nested.stderr]).toEqual([
    1,
    expect.stringMatching(/was started without --with ovh: end it first/),
  ]);
  const real = await output(["exec", "--data", data, "--backend", "docker", "--with", "ovh", "--", "true"]);
  expect([real.code, real.stderr]).toEqual([1, expect.stringMatching(/--with is for simulated containers/)]);
  const unknown = await output(["start", "--with", "aws"]);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/It must be one of: ovh/)]);
});

test("an OVH variable reaches a command that did not ask for the API", async () => {
  const data = join(temporaryFolder(), "data");
  const script = "console.log(process.env.OVH_CONSUMER_KEY)";
  const { stdout } = await output(["exec", "--data", data, "--", process.execPath, "-e", script], {
    OVH_CONSUMER_KEY: "mine",
  });
  expect(stdout).toBe("mine\n");
});
