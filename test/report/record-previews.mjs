// Records what the real Pulumi CLI says in previews, as the input of the report's tests: `npm run record:previews`,
// or with names of recordings behind `--` for some. Every recording has its own server, state and HOME.
// Each is kept in both forms: `<name>.json` (`preview --json`) and `<name>.events.jsonl` (the engine's event stream).

import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePulumi } from "../../tools/pulumi-cli.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PROGRAM = path.join(HERE, "program");
const PREVIEWS = path.join(HERE, "previews");
/** @type {typeof import("../../server/index.js")} */
const { startServer } = createRequire(import.meta.url)("../../server/dist/index.js");

/**
 * `before` is brought up, then `after` is previewed.
 * @typedef {{
 *   name: string,
 *   args?: Record<string, unknown>,
 *   links?: string[],
 *   component?: boolean,
 *   options?: Record<string, unknown>,
 * }} Application
 * @typedef {{
 *   applications?: Application[],
 *   others?: Record<string, string>,
 *   stackReference?: boolean,
 *   warning?: string,
 *   throws?: string,
 * }} Declarations
 * @typedef {{
 *   before?: Declarations,
 *   after: Declarations,
 *   args?: string[],
 *   env?: NodeJS.ProcessEnv,
 *   stack?: string,
 *   fails?: boolean,
 *   meanwhile?: (ask: (method: string, path: string, body?: object) => Promise<any>) => Promise<void>,
 * }} Recording
 */

/** Seen in no report. */
export const CANARY = "canary-9f3c-secret";

const SPECIAL =
  '<script>alert("1")</script> | `tick` **bold** @octocat #123 [x](http://evil.example) & \\ $x$ ~~~';

const db = { name: "db", args: { image: "tutum/mysql", containerPorts: [{ innerPort: 3306 }] } };
/** @type {(args?: Record<string, unknown>, links?: string[]) => Application} */
const web = (args = {}, links = ["db"]) => ({
  name: "web",
  args: {
    image: "tutum/wordpress",
    containerPorts: [{ innerPort: 80 }],
    containerEnvvars: { DB_PASS: `$secret:${CANARY}`, WP_LANG: "en" },
    ...args,
  },
  links,
});
const shop = { applications: [db, web()] };
/** @type {(name: string, args?: Record<string, unknown>, links?: string[]) => Application} */
const hello = (name, args = {}, links) => ({
  name,
  args: { image: "tutum/hello-world", ...args },
  ...(links && { links }),
});
const many = Array.from({ length: 200 }, (_, n) =>
  hello(
    `app-${String(n).padStart(3, "0")}`,
    {},
    n === 0 ? undefined : [`app-${String(Math.floor((n - 1) / 4)).padStart(3, "0")}`],
  ),
);

/** @type {Record<string, Recording>} */
const RECORDINGS = {
  create: { after: shop },
  "no-change": { before: shop, after: shop },
  scale: { before: shop, after: { applications: [db, web({ targetNumContainers: 5 })] } },
  domain: {
    before: { applications: [db, web({ webPublicDns: "old.example.com" })] },
    after: { applications: [db, web({ webPublicDns: "blog.example.com", autorestart: "ALWAYS" })] },
  },
  "stop-and-start": {
    before: { applications: [hello("stops"), hello("starts", { running: false })] },
    after: { applications: [hello("stops", { running: false }), hello("starts")] },
  },
  "replaced-database": {
    before: { applications: [db, web(), hello("proxy", {}, ["web"]), hello("apart")] },
    after: {
      applications: [
        { ...db, args: { ...db.args, image: "tutum/mysql:8" } },
        web(),
        hello("proxy", {}, ["web"]),
        hello("apart"),
      ],
    },
  },
  "each-replacement": {
    before: {
      applications: [
        hello("target"),
        hello("image"),
        hello("name"),
        hello("size"),
        hello("command"),
        hello("entrypoint"),
        hello("ports", { containerPorts: [{ innerPort: 80 }] }),
        hello("variables", {
          containerEnvvars: { KEPT: "same", CHANGED: "1", DROPPED: "x", HIDDEN: "$secret:canary-9f3c-old" },
        }),
        hello("links"),
        hello("roles"),
        hello("triggers", { triggers: [1] }),
      ],
    },
    after: {
      applications: [
        hello("target"),
        hello("image", { image: "tutum/redis" }),
        hello("name", { name: "renamed" }),
        hello("size", { containerSize: "M" }),
        hello("command", { runCommand: "/other.sh" }),
        hello("entrypoint", { entrypoint: "/bin/sh" }),
        hello("ports", { containerPorts: [{ innerPort: 80 }, { innerPort: 443 }] }),
        hello("variables", {
          containerEnvvars: { KEPT: "same", CHANGED: "2", ADDED: "y", HIDDEN: `$secret:${CANARY}` },
        }),
        hello("links", {}, ["target"]),
        hello("roles", { roles: ["global"] }),
        hello("triggers", { triggers: [2] }),
      ],
    },
  },
  delete: { before: shop, after: { applications: [{ ...db }] } },
  destroy: { before: shop, after: {} },
  "replace-on-changes": {
    before: {
      applications: [
        { ...web({ targetNumContainers: 2 }, []), options: { replaceOnChanges: ["targetNumContainers"] } },
      ],
    },
    after: {
      applications: [
        { ...web({ targetNumContainers: 3 }, []), options: { replaceOnChanges: ["targetNumContainers"] } },
      ],
    },
  },
  "delete-first": {
    before: {
      applications: [
        { ...hello("web"), options: { deleteBeforeReplace: true } },
        hello("proxy", {}, ["web"]),
      ],
    },
    after: {
      applications: [
        { ...hello("web", { image: "tutum/redis" }), options: { deleteBeforeReplace: true } },
        hello("proxy", {}, ["web"]),
      ],
    },
  },
  drift: {
    before: { applications: [db, web(), hello("gone")] },
    after: { applications: [db, web(), hello("gone")] },
    args: ["--refresh"],
    meanwhile: async ask => {
      const { objects } = await ask("GET", "application/");
      const byName = Object.fromEntries(objects.map((/** @type {any} */ each) => [each.name, each.uuid]));
      await ask("PATCH", `application/${byName.web}/`, { target_num_containers: 4 });
      await ask("DELETE", `application/${byName.gone}/`);
    },
  },
  "failing-check": {
    after: { applications: [hello("web", { targetNumContainers: 0, containerSize: "HUGE" }), hello("fine")] },
  },
  "plain-becomes-secret": {
    before: {
      applications: [hello("web", { containerEnvvars: { TOKEN_TEXT: "canary-9f3c-plain", COLOUR: "red" } })],
    },
    after: {
      applications: [hello("web", { containerEnvvars: { TOKEN_TEXT: `$secret:${CANARY}`, COLOUR: "blue" } })],
    },
  },
  "secret-becomes-plain": {
    before: { applications: [hello("web", { runCommand: `$secret:${CANARY}` })] },
    after: { applications: [hello("web", { runCommand: "canary-9f3c-plain" })] },
  },
  "suspicious-names": {
    before: {
      applications: [hello("web", { containerEnvvars: { API_TOKEN: "canary-9f3c-old", GREETING: "hello" } })],
    },
    after: {
      applications: [
        hello("web", {
          containerEnvvars: {
            API_TOKEN: "canary-9f3c-new",
            GREETING: "good day",
            DATABASE: "mysql://root:canary-9f3c-url@db/shop",
            BLOB: "canary9f3cQx7ZkP2mVt8RbW4LsY1uJ",
          },
        }),
      ],
    },
  },
  specials: {
    before: { applications: [hello("web", { runCommand: "before", triggers: ["a"] })] },
    after: {
      applications: [
        hello("web", {
          runCommand: SPECIAL,
          triggers: [SPECIAL],
          containerEnvvars: { MARKUP: SPECIAL, LINES: "one\r\ntwo\n```\n</details>" },
        }),
        hello('<b>|"`@team`#9', { name: "odd" }, ["web"]),
      ],
      warning: `careful: ${SPECIAL}`,
    },
  },
  mixed: {
    before: { applications: [db, web()], others: { changed: "1", removed: "x" } },
    after: {
      applications: [db, { ...hello("inside"), component: true }, web({ targetNumContainers: 2 })],
      others: { changed: "2", added: `$secret:${CANARY}` },
      warning: "The old theme is going away.",
    },
  },
  moved: {
    before: { applications: [hello("web")] },
    after: {
      applications: [
        {
          ...hello("web"),
          component: true,
          options: { aliases: ["urn:pulumi:prod::shop::pulumi-nodejs:dynamic/tutum:Application::web"] },
        },
      ],
    },
  },
  protected: {
    before: { applications: [{ ...hello("web"), options: { protect: true } }] },
    after: { applications: [{ ...hello("web", { image: "tutum/redis" }), options: { protect: true } }] },
  },
  /** The picture in the README. */
  sample: {
    before: {
      applications: [
        db,
        web(),
        hello("cache", {}),
        hello("proxy", { targetNumContainers: 2 }, ["cache"]),
        hello("old-shop", {}, ["cache"]),
      ],
    },
    after: {
      applications: [
        { ...db, args: { ...db.args, image: "tutum/mysql:8" } },
        hello("cache", {}),
        web({}, ["db"]),
        hello("proxy", { targetNumContainers: 5 }, ["cache"]),
        hello("status", {}, ["proxy"]),
      ],
    },
  },
  "broken-program": { after: { applications: [db], throws: "the shop has no name" } },
  streamed: {
    before: shop,
    after: { applications: [db, web({ targetNumContainers: 5 })] },
    env: { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
  },
  "200-applications": { after: { applications: many } },
  resumed: {
    before: { applications: [hello("web", { image: "tutum/start-fails" })] },
    after: { applications: [hello("web", { image: "tutum/start-fails" })] },
    fails: true,
  },
  staging: {
    stack: "staging",
    before: shop,
    after: { applications: [db, web({ image: "tutum/wordpress:6" })] },
  },
};

/** Too large, or what the other form would hold. */
const ONE_FORM = ["200-applications", "streamed"];

/** What a terminal shows of a preview and the `up` after it, colours included: for a picture of the README. */
const TERMINAL = "terminal";

const wanted = process.argv.slice(2);
const { bin } = await ensurePulumi();
fs.mkdirSync(PREVIEWS, { recursive: true });
for (const [name, recording] of Object.entries(RECORDINGS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await record(name, recording);
  process.stdout.write(`${name}\n`);
}

if (wanted.length === 0 || wanted.includes(TERMINAL)) {
  await record(TERMINAL, RECORDINGS.scale ?? { after: {} });
  process.stdout.write(`${TERMINAL}\n`);
}

/**
 * @param {string} name
 * @param {Recording} recording
 */
async function record(name, { before, after, args = [], env: more = {}, stack = "prod", fails, meanwhile }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tutum-record-"));
  const server = await startServer({
    user: "tester",
    apikey: "recorder",
    times: { start: 5, stop: 5, terminate: 5 },
  });
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    PATH: `${path.dirname(bin)}${path.delimiter}${process.env.PATH}`,
    HOME: folder,
    PULUMI_HOME: path.join(folder, ".pulumi"),
    PULUMI_STACK: stack,
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "recorder",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DEBUG_COMMANDS: "1", // else there is no --event-log
    TUTUM_BASE_URL: `${server.url}/api/v1/`,
    TUTUM_AUTH: "ApiKey tester:recorder",
    ...more,
  };
  const config = ["--config-file", path.join(folder, `Pulumi.${stack}.yaml`)];
  /** @type {(declarations: Declarations, args: string[]) => Promise<{ code: number, stdout: string, stderr: string }>} */
  const pulumi = (declarations, args) =>
    run(bin, ["--non-interactive", ...args], { ...env, DECLARATIONS: JSON.stringify(declarations) });
  try {
    const init = await pulumi({}, ["stack", "init", stack]);
    if (init.code !== 0) throw new Error(`${name}: ${init.stdout}${init.stderr}`);
    if (before) {
      const up = await pulumi(before, ["up", "--yes", "--skip-preview", ...config]);
      if (up.code !== 0 && !fails) throw new Error(`${name}: ${up.stdout}${up.stderr}`);
    }
    await meanwhile?.(async (method, path, body) => {
      const headers = { Authorization: `ApiKey tester:recorder`, "Content-Type": "application/json" };
      const answer = await fetch(`${server.url}/api/v1/${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
      });
      return answer.json();
    });
    if (name === TERMINAL) {
      const commands = [["preview"], ["up", "--yes", "--skip-preview"]];
      let shown = "";
      for (const command of commands) {
        const { stdout } = await pulumi(after, [
          ...command,
          "--color",
          "always",
          "--suppress-progress",
          ...config,
        ]);
        shown += `$ pulumi ${command.join(" ")}\n${stdout}\n`;
      }
      fs.writeFileSync(path.join(PREVIEWS, "terminal.txt"), shown);
      return;
    }
    const log = path.join(folder, "events.jsonl");
    const { code, stdout, stderr } = await pulumi(after, [
      "preview",
      "--json",
      "--event-log",
      log,
      ...args,
      ...config,
    ]);
    if (!stdout.startsWith("{")) throw new Error(`${name}: code ${code}, ${stdout}${stderr}`);
    const scrubbed = (/** @type {string} */ text) =>
      text
        .replaceAll(folder, "/home/user")
        .replaceAll(path.resolve(HERE, "../.."), "/project")
        .replaceAll(server.url, "http://tutum.example.com");
    if (!ONE_FORM.includes(name))
      fs.writeFileSync(
        path.join(PREVIEWS, `${name}.events.jsonl`),
        scrubbed(withoutDebug(fs.readFileSync(log, "utf8"))),
      );
    fs.writeFileSync(path.join(PREVIEWS, `${name}.json`), scrubbed(compact(stdout)));
  } finally {
    await server.close();
    fs.rmSync(folder, { recursive: true, force: true });
    // `stack init` writes it beside the program, whatever the other commands are told.
    fs.rmSync(path.join(PROGRAM, `Pulumi.${stack}.yaml`), { force: true });
  }
}

/**
 * Without indentation and traces of the program's stack, which are most of it.
 * @param {string} digest
 */
function compact(digest) {
  if (digest.includes('"sequence":')) return withoutDebug(digest);
  const leftOut = ["stackTrace", "sourcePosition", "created", "modified"];
  return `${JSON.stringify(JSON.parse(digest), (key, value) => (leftOut.includes(key) ? undefined : value))}\n`;
}

/**
 * Most events are notes for Pulumi's own developers.
 * @param {string} events
 */
function withoutDebug(events) {
  return events.replace(/^.*"severity":"debug".*\n/gm, "");
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROGRAM, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", chunk => {
      stdout += chunk;
    });
    child.stderr.on("data", chunk => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", code => resolve({ code: code ?? -1, stdout, stderr }));
  });
}
