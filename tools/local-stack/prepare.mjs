// Makes what the stack `local` consists of, each piece only when it is missing: so a run that was interrupted anywhere
// is continued by the next. Secrets go into files that only the user can read, and to Pulumi by stdin, never by argv.

import { randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { LOCAL, ROOT } from "../clone.mjs";
import { withLock } from "../lock.mjs";
import { say } from "../progress.mjs";
import { runCommand } from "../run-command.mjs";
import { PASSPHRASE, STACK, STATE } from "./environment.mjs";

const PROJECT = "linked-apps";
const CONFIG_FILE = path.join(ROOT, `Pulumi.${STACK}.yaml`);
const STATE_FILE = path.join(STATE, ".pulumi", "stacks", PROJECT, `${STACK}.json`);
const LOCKS = path.join(STATE, ".pulumi", "locks", "organization", PROJECT, STACK);

/**
 * @param {string} pulumi
 * @param {NodeJS.ProcessEnv} env
 */
export async function prepareStack(pulumi, env) {
  if (!isPrepared()) {
    await withLock(path.join(LOCAL, "stack-lock"), "making the local stack", () => makeStack(pulumi, env));
  }
  removeLocksOfDeadRuns();
}

function isPrepared() {
  return [PASSPHRASE, STATE_FILE].every(fs.existsSync) && ["databasePassword", "owner"].every(isConfigured);
}

/**
 * @param {string} pulumi
 * @param {NodeJS.ProcessEnv} env
 */
async function makeStack(pulumi, env) {
  fs.chmodSync(LOCAL, 0o700);
  fs.mkdirSync(STATE, { recursive: true });
  if (!fs.existsSync(PASSPHRASE)) {
    if (fs.existsSync(STATE_FILE)) {
      throw new Error(
        `${PASSPHRASE} is gone, and the stack's state cannot be read without it: remove ${LOCAL} to begin anew`,
      );
    }
    setAsideOldConfig();
  }
  valueKeptIn(PASSPHRASE, () => randomBytes(24).toString("base64url"));
  const run = (/** @type {string[]} */ args, input = "") =>
    runCommand([pulumi, ...args, "--non-interactive"], { cwd: ROOT, env, input });
  if (!fs.existsSync(STATE_FILE)) {
    say(
      `First run: making the stack \`${STACK}\`; its state and random secrets stay in .local/, which git ignores`,
    );
    await run(["stack", "init", STACK, "--no-select"]);
  }
  if (!isConfigured("databasePassword")) {
    say("First run: a random password for the database, as an encrypted setting in Pulumi.local.yaml");
    const password = valueKeptIn(path.join(LOCAL, "database-password"), () =>
      randomBytes(18).toString("base64url"),
    );
    await run(["config", "set", "--secret", "databasePassword"], password);
  }
  if (!isConfigured("owner")) {
    say("First run: a random owner id, by which an application is found again when a run was killed");
    await run(["config", "set", "tutum:owner", valueKeptIn(path.join(LOCAL, "owner"), randomUUID)]);
  }
}

/**
 * Kept outside Pulumi.local.yaml too: removing that file must not change the running database's password.
 * @param {string} file
 * @param {() => string} make
 */
function valueKeptIn(file, make) {
  if (!fs.existsSync(file)) {
    const draft = `${file}.draft`;
    fs.writeFileSync(draft, make(), { mode: 0o600 });
    fs.renameSync(draft, file);
  }
  return fs.readFileSync(file, "utf8");
}

/** @param {string} key */
function isConfigured(key) {
  return (
    fs.existsSync(CONFIG_FILE) &&
    new RegExp(`^ +\\S+:${key}:`, "m").test(fs.readFileSync(CONFIG_FILE, "utf8"))
  );
}

/** Settings of a stack whose .local/ was removed: their secrets can no longer be read. */
function setAsideOldConfig() {
  if (!fs.existsSync(CONFIG_FILE)) return;
  const aside = path.join(LOCAL, `Pulumi.${STACK}.${Date.now()}.yaml`);
  fs.renameSync(CONFIG_FILE, aside);
  say(
    `The settings of an earlier local stack, whose passphrase is gone, are now ${path.relative(ROOT, aside)}`,
  );
}

/** A killed Pulumi leaves its lock on the stack, and every later run would ask for `pulumi cancel`. */
function removeLocksOfDeadRuns() {
  if (!fs.existsSync(LOCKS)) return;
  for (const name of fs.readdirSync(LOCKS).filter(name => name.endsWith(".json"))) {
    const file = path.join(LOCKS, name);
    const { pid, hostname } = JSON.parse(fs.readFileSync(file, "utf8"));
    if (hostname !== os.hostname() || isAlive(pid)) continue;
    say(`The last run (process ${pid}) was killed: removing the lock it left on the stack`);
    for (const left of [file, `${file}.attrs`]) fs.rmSync(left, { force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
