/**
 * Random visitors, random containers, and the proxy between them as it is compiled and run: whatever the two do, its
 * process goes on, no error is left unexpected, no body becomes a request, and no connection stays behind.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Supervisor } from "../../server/apis/tutum/proxy/supervisor";
import { type Chance, chanceOf } from "../simulation/chance";
import { PROXY_BUGS, type ProxyBug } from "./proxy-bugs";
import { type Containers, HOSTS, startContainers, visit } from "./proxy-exchanges";
import { fuzz } from "./seed";

const COMPILED = join(__dirname, "../../server/dist");
/** Visitors at a time. */
const VISITORS = 48;
/** What is left of a proxy's connections is gone by then. */
const QUIET_MS = 5_000;
/** Played against a bug; the first that shows it ends them. */
const EXCHANGES_FOR_A_BUG = 6_000;

interface Run {
  /** What should not have been seen. */
  findings: string[];
  pid: number;
  close(): Promise<void>;
}

async function run(seed: number, chance: Chance, count: number, from: typeof Supervisor): Promise<Run> {
  const findings: string[] = [];
  let pid = 0;
  const note = (fields: object, message: string) => {
    const { proxy, error, said } = fields as { proxy?: number; error?: string; said?: string };
    if (message === "the proxy was started") pid ||= proxy ?? 0;
    else if (message !== "a container broke off or did not speak HTTP")
      findings.push(`${message} ${error ?? ""} ${said ?? ""}`);
  };
  const supervisor = new from({
    ...{ dataDir: undefined, staysMs: 0, trusted: [] },
    logger: { info: note, warn: note, error: note },
  });
  const containers = await startContainers(seed, 6);
  const [one, two, three, ...more] = containers.addresses;
  await supervisor.start();
  const port = await supervisor.listen("127.0.0.1", 0);
  const before = openFiles(pid);
  await supervisor.tell(() => [
    [HOSTS[0] as string, [{ application: "a", addresses: one ? [one] : [] }]],
    [HOSTS[1] as string, [{ application: "b", addresses: two && three ? [two, three] : [] }]],
    [
      HOSTS[2] as string,
      [
        { application: "c", addresses: more },
        { application: "d", addresses: one ? [one] : [] },
      ],
    ],
  ]);
  let left = count;
  const visitor = async () => {
    while (left-- > 0 && findings.length === 0 && containers.smuggled() === 0) {
      await visit(port, chanceOf(Math.floor(chance() * 2 ** 31)));
    }
  };
  await Promise.all(Array.from({ length: VISITORS }, visitor));
  if (containers.smuggled() > 0) findings.push("a body became a request");
  if (findings.length === 0) await quiet(containers, pid, before, findings);
  return {
    findings,
    pid,
    close: async () => {
      containers.close();
      await supervisor.close();
    },
  };
}

/** The prober still asks, a connection at a time; all else ends with its visitor. */
async function quiet(containers: Containers, pid: number, before: number, findings: string[]): Promise<void> {
  const deadline = Date.now() + QUIET_MS;
  const left = () => (before > 0 ? openFiles(pid) - before : containers.open());
  let least = left();
  while (least > 0 && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 10));
    least = Math.min(least, left());
  }
  if (least > 0) findings.push(`${least} connections stayed open`);
}

/** Where the system tells; else none. */
function openFiles(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

/** A silent container is waited for, also when its visitor has left: here not for two minutes. */
const SOON = { file: "limits.js", from: "silenceMs: 120000", to: "silenceMs: 2000" };

/** The compiled proxy with these changes, and what removes it. */
function changed(changes: ProxyBug["changes"]): { supervisor: typeof Supervisor; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "tutum-proxy-changed-"));
  const copy = join(folder, "dist");
  cpSync(COMPILED, copy, { recursive: true });
  for (const { file, from, to } of changes) {
    const path = join(copy, "apis/tutum/proxy/plane", file);
    const [before, ...after] = readFileSync(path, "utf8").split(from);
    expect(after).toHaveLength(1);
    writeFileSync(path, `${before}${to}${after[0]}`);
  }
  const load = createRequire(join(copy, "index.js"));
  const { Supervisor: supervisor } = load("./apis/tutum/proxy/supervisor.js") as {
    Supervisor: typeof Supervisor;
  };
  return { supervisor, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

fuzz("no visitor and no container ends the proxy or leaves a connection behind", 20_000, async play => {
  const { supervisor, remove } = changed([SOON]);
  try {
    const { findings, pid, close } = await run(play.seed, play.chance, play.count, supervisor);
    const isAlive = process.kill(pid, 0);
    await close();
    expect(findings).toEqual([]);
    expect(isAlive).toBe(true);
  } finally {
    remove();
  }
});

describe("the generator finds", () => {
  test.each(PROXY_BUGS)("$name", async ({ changes, exchanges = EXCHANGES_FOR_A_BUG }) => {
    const { supervisor, remove } = changed(changes);
    try {
      const { findings, close } = await run(1, chanceOf(1), exchanges, supervisor);
      await close();
      expect(findings).not.toEqual([]);
    } finally {
      remove();
    }
  });
});
