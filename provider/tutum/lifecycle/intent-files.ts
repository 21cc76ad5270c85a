/**
 * Intents as files in the user's folder for state (`$XDG_STATE_HOME/pulumi-tutum/creations`, or under
 * `~/.local/state`): one for each creation, readable by the user alone, and on disk before the POST is sent.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { object, oneOf, optional, safeParse, string } from "../../resource/table/schema";
import { homeOf } from "../../settings/home";
import { missingIn } from "./backend-folder";
import { backendUrl } from "./backend-url";
import type { Intent, IntentLog } from "./intents";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What is kept, of all states together. An application that is deleted from another machine leaves its file here, and
 * nothing is lost with one: what nobody remembers is asked about.
 */
export const KEPT = { days: 90, files: 1_000 };

/** A mark, which is the file's name: never a path. */
const MARK = /^[0-9a-f]+\.[0-9a-f]+$/;

const stored = object({
  mark: string,
  stage: oneOf(["begun", "returned", "kept"]),
  /** A hash of the backend's address: two states never share intents. */
  backend: string,
  resource: string,
  name: string,
  uuid: optional(string),
  account: optional(string),
  endpoint: string,
  userHash: string,
  begun: string,
});

/** The intents of the state that this process works on. Nothing is read or written before it is asked for. */
export function intentFiles(env: Environment = process.env, cwd: string = process.cwd()): IntentLog {
  const folder = () => join(stateHome(env), "pulumi-tutum", "creations");
  // As it was when this run began: whoever logs in elsewhere meanwhile moves no state.
  let address: string | undefined;
  const url = () => {
    address ??= backendUrl(env, cwd);
    return address;
  };
  const backend = () => createHash("sha256").update(url()).digest("hex").slice(0, 16);
  const fileOf = (mark: string) => join(folder(), `${mark}.json`);
  let swept = false;
  return {
    read() {
      const mine = backend();
      return namesIn(folder).flatMap(name => intentIn(join(folder(), name), mine));
    },

    write(intent) {
      if (!MARK.test(intent.mark)) throw new Error(`${intent.mark} is no mark`);
      mkdirSync(folder(), { recursive: true, mode: 0o700 });
      if (!swept) sweep(folder());
      swept = true;
      const file = fileOf(intent.mark);
      const draft = `${file}.${randomUUID()}`;
      try {
        writeFileSync(draft, `${JSON.stringify({ ...intent, backend: backend() })}\n`, {
          mode: 0o600,
          flush: true,
        });
        renameSync(draft, file);
      } catch (error) {
        rmSync(draft, { force: true });
        throw error;
      }
      syncFolder(folder());
    },

    remove(mark) {
      if (MARK.test(mark)) attempt(() => rmSync(fileOf(mark), { force: true }), undefined);
    },

    unsaved: uuids => attempt(() => missingIn(url(), uuids), []),
  };
}

/** Removes what is too old, and of too many the oldest: also what a killed process had begun to write. */
function sweep(folder: string): void {
  const oldest = Date.now() - KEPT.days * 86_400_000;
  const files = attempt(() => readdirSync(folder), [])
    .map(name => join(folder, name))
    .map(file => ({ file, at: attempt(() => statSync(file).mtimeMs, Number.POSITIVE_INFINITY) }))
    .sort((one, other) => other.at - one.at);
  for (const [index, { file, at }] of files.entries())
    if (at < oldest || index >= KEPT.files) attempt(() => rmSync(file), undefined);
}

/** A path that is not absolute is none, says the rule for such variables. Throws for a user without a home. */
function stateHome(env: Environment): string {
  const { XDG_STATE_HOME } = env;
  if (XDG_STATE_HOME && isAbsolute(XDG_STATE_HOME)) return XDG_STATE_HOME;
  const home = homeOf(env);
  if (home === undefined) throw new Error("there is no home folder: set XDG_STATE_HOME");
  return join(home, ".local", "state");
}

function namesIn(folder: () => string): string[] {
  return attempt(() => readdirSync(folder()), []).filter(name => name.endsWith(".json"));
}

/** None of a file that is another state's, or that nobody can make sense of: no evidence then. */
function intentIn(file: string, backend: string): Intent[] {
  const text = attempt<unknown>(() => JSON.parse(readFileSync(file, "utf8")), undefined);
  const { success, output } = safeParse(stored, text);
  if (!success) return [];
  const { backend: whose, ...intent } = output as Intent & { backend: string };
  return whose === backend && MARK.test(intent.mark) ? [intent] : [];
}

/** A rename is on disk when its folder is. Not every system can open a folder. */
function syncFolder(folder: string): void {
  attempt(() => {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }, undefined);
}

function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}
