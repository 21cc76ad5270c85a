// `npm run record:state`, once before each release: brings the linked example up with the code of this clone and keeps, in
// test/compat/states/v<version>/, the program, the state that Pulumi wrote, and what the server was told. Every later
// version is tested with it. A second run before the release replaces it; a released one stays as it is.

import "./require-node.mjs";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { isMain, ROOT } from "./clone.mjs";
import { say } from "./progress.mjs";
import { runCommand } from "./run-command.mjs";
import { setUp } from "./setup.mjs";

const PROGRAM = path.join(ROOT, "examples", "linked-apps");
/** Nobody's: they are published with the state. */
const PASSPHRASE = "test";
const CONFIG = {
  "linked-apps:databasePassword": { value: "password-of-a-recorded-state", secret: true },
  "tutum:owner": { value: "6f1d7f0e-52c4-4a63-8f0b-0d2f6a5c9e11", secret: false },
};

async function record() {
  const { bin } = await setUp();
  const { startServer } = createRequire(import.meta.url)("../server/dist/index.js");
  const server = await startServer({ user: "recorder", times: { start: 30, terminate: 10 } });
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-tutum-record-"));
  try {
    const pulumi = commandIn(home, bin, server);
    await pulumi("stack", "init", "test");
    const file = ["--config-file", path.join(home, "config.yaml")];
    await pulumi("config", "set-all", "--json", JSON.stringify(CONFIG), ...file);
    await pulumi("up", "--yes", "--skip-preview", ...file);
    await keep(await pulumi("stack", "export"), server);
  } finally {
    await server.close();
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/**
 * @param {string} home
 * @param {string} bin
 * @param {{ url: string, user: string, apikey: string }} server
 */
function commandIn(home, bin, { url, user, apikey }) {
  const state = path.join(home, "state");
  fs.mkdirSync(state);
  const env = {
    PATH: `${path.dirname(bin)}${path.delimiter}${process.env.PATH}`,
    HOME: home,
    PULUMI_HOME: path.join(home, ".pulumi"),
    PULUMI_STACK: "test",
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "1",
    TUTUM_BASE_URL: url,
    TUTUM_AUTH: `ApiKey ${user}:${apikey}`,
  };
  return (/** @type {string[]} */ ...args) =>
    runCommand([bin, "--non-interactive", ...args], { cwd: PROGRAM, env });
}

/**
 * @param {string} state what `stack export` printed
 * @param {{ url: string, user: string, apikey: string, requests: { method: string, body: { name: string } }[] }} server
 */
async function keep(state, { url, user, apikey, requests }) {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const folder = path.join(ROOT, "test", "compat", "states", `v${version}`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const file of ["Pulumi.yaml", "index.ts", "tsconfig.json", "tsconfig.pulumi.json"])
    fs.copyFileSync(path.join(PROGRAM, file), path.join(folder, file));
  const write = (/** @type {string} */ file, /** @type {object} */ content) =>
    fs.writeFileSync(path.join(folder, file), JSON.stringify(content));
  write("package.json", { private: true, main: "index.ts" });
  const exported = JSON.parse(state);
  write("state.json", exported);

  const applications = [];
  for (const { method, body } of requests) {
    if (method !== "POST") continue;
    const uuid = uuidOf(body.name, exported.deployment.resources);
    const headers = { Authorization: `ApiKey ${user}:${apikey}` };
    // The server's journal masks the values of variables, so they are asked for.
    const answer = await fetch(`${url}/api/v1/application/${uuid}/`, { headers });
    /** @type {{ key: string, value: string }[]} */
    const variables = (await answer.json()).container_envvars;
    const container_envvars = variables.map(({ key, value }) => ({ key, value }));
    applications.push({ uuid, body: { ...body, container_envvars } });
  }
  write("server.json", { endpoint: url, user, config: CONFIG, applications });

  const biome = path.join(ROOT, "node_modules", "@biomejs", "biome", "bin", "biome");
  await runCommand([process.execPath, biome, "format", "--write", folder], { cwd: ROOT });
  say(`Recorded: ${path.relative(ROOT, folder)}`);
}

/**
 * @param {string} name
 * @param {{ id: string, type: string, outputs?: { name?: string } }[]} resources
 */
function uuidOf(name, resources) {
  return resources.find(({ type, outputs }) => type.endsWith("tutum:Application") && outputs?.name === name)
    ?.id;
}

if (isMain(import.meta.url)) {
  await record().catch(error => {
    say(error.message);
    process.exitCode = 1;
  });
}
