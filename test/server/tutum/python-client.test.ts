/**
 * The vendor's own Python library of spring 2014 against the server: unmodified but for Python 3's syntax. It comes
 * from the Python registry; without Python (with lib2to3: up to 3.12) or that registry the test reports itself skipped.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../../server/index";

const folder = mkdtempSync(join(tmpdir(), "tutum-python-"));
const python = join(folder, "venv/bin/python");
const missing = prepare();
if (missing) process.stderr.write(`skipped: the Python library of 2014 (${missing})\n`);

function prepare(): string | undefined {
  const run = (file: string, ...args: string[]) =>
    execFileSync(file, args, { cwd: folder, stdio: "pipe", timeout: 90_000 });
  const pip = (...args: string[]) =>
    run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", ...args);
  try {
    run("python3", "-c", "import lib2to3, venv, ensurepip");
    run("python3", "-m", "venv", "venv");
    pip("install", "requests==2.32.3");
    pip("download", "--no-deps", "--no-binary", ":all:", "python-tutum==0.6.4");
    run("tar", "xzf", readdirSync(folder).find(name => name.endsWith(".tar.gz")) ?? "");
    run("python3", "-m", "lib2to3", "-w", "-n", "python-tutum-0.6.4/tutum");
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

(missing ? test.skip : test)("does everything that its documentation shows", async () => {
  const server = await startServer({ times: { start: 5, stop: 5, scale: 5, terminate: 5 } });
  const child = spawn(python, [join(__dirname, "fixtures/python_client.py")], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PYTHONPATH: join(folder, "python-tutum-0.6.4"),
      TUTUM_BASE_URL: `${server.url}/api/v1/`,
      TUTUM_USER: server.user,
      TUTUM_APIKEY: server.apikey,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", chunk => (output += chunk));
  child.stderr.on("data", chunk => (output += chunk));
  await new Promise(resolve => child.on("close", resolve));
  await server.close();
  expect(output).toContain("all of it works");
  expect(child.exitCode).toBe(0);
});
