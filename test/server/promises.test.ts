/**
 * Every sentence that promises something about safety has a test: `What holds` of server/README.md, and `Safety` of
 * docs/docker.md. A sentence that is added or changed is to be added here, with the tests that hold it.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** A sentence's beginning, and the tests that hold it: file, and part of the title. */
type Promises = Record<string, [file: string, title: string][]>;

const WHAT_HOLDS: Promises = {
  "A change is answered when it is on disk.": [["server/durability", "kill -9"]],
  "A create with an `Idempotency-Key` is made once": [
    ["server/idempotency", "the same key and body get the first answer again, word for word"],
    ["server/idempotency", "the same key with another body is 409"],
    ["server/idempotency", "a key is forgotten after a day"],
  ],
  "The server listens on the loopback; other addresses need a key": [
    ["server/http", "listening for others needs a key of one's own"],
    ["server/reach", "a key that others can try has at least 16 characters"],
  ],
  "A request must name the server in its `Host`": [
    ["server/reach", "a server on %s answers to Host %s with %d"],
    ["server/reach", "answers to addresses and to names it was given, not to others"],
  ],
  "A foreign or doubled `Host`, a foreign `Origin` and cross-site requests": [
    ["server/http", "two Host headers"],
    ["server/reach", "on every address, a page of %s calls 10.1.2.3 with %d"],
    ["server/control", "with %j the status is %d"],
  ],
  "After ten wrong credentials within a second": [
    ["server/auth-images", "who guesses more than ten times a second is told to wait"],
  ],
  "Right ones never are.": [["server/reach", "holds up nobody else and no right credentials"]],
  "A connection that takes nothing of its answers for a minute": [
    ["server/connections", "who asks for much and reads nothing is dropped"],
    ["server/connections", "who sends many requests without waiting"],
  ],
  "Of those that have shown no key there are at most 500": [
    ["server/connections", "those without a key push each other out"],
    ["server/connections", "one address without a key has its own limit"],
  ],
  "No answer, recorded request, log line or metric repeats": [
    ["server/secrets", "a secret in a wrong place is in no answer, record, log line or metric"],
  ],
  "Log lines name the account's user and nobody else's.": [
    ["server/logs", "every request is one line of JSON with method, route, status, time and user"],
  ],
  "On SIGTERM requests in flight get their answers": [
    ["server/shutdown", "a request in flight gets its answer"],
    ["server/shutdown", "a body that never comes and an idle connection do not keep it"],
  ],
  "Limits: 20,000 applications": [
    ["server/applications", "no more applications are created than the limit allows"],
    ["server/limits", "an application has at most %s"],
    ["server/link-weight", "would take more than 1 MiB in a container are refused"],
    ["server/link-weight", "all containers of an application have at most 16 MiB"],
    ["server/http", "body %.20s as %s is %d with an error"],
    ["server/connections", "when all connections are taken, one with a key still finds room"],
  ],
};

const SAFETY: Promises = {
  "Who can use an engine's socket is root on its machine.": [],
  "The server needs it; containers never get it.": [
    ["server/real-containers", "no field a user sends becomes a key, a privilege or a mount"],
  ],
  "Containers have no privileges": [
    ["server/real-containers", "an engine is asked for exactly this, and for nothing else"],
    ["docker/docker-commands", "have no privilege and nothing of the host, and the limits of their size"],
  ],
  "No field of the API leads to the host": [
    ["server/real-containers", "no field a user sends becomes a key, a privilege or a mount"],
  ],
  "Outer ports are bound to 127.0.0.1": [
    ["docker/docker-commands", "answer on the loopback of their machine, and not on its address"],
  ],
  "A node with an `address`": [
    ["docker/docker-commands", "of a node with the address 0.0.0.0 answer on all its addresses"],
  ],
  "Variables, passwords among them, can be read by whoever": [],
  "`TUTUM_AUTH` is the account's key": [["docker/docker", "a container with a role uses the API"]],
  "The control API is not reachable from containers.": [
    ["docker/docker", "nobody uses the control API from there"],
  ],
};

function sentencesOf(page: string, heading: string): string[] {
  const text = readFileSync(resolve(ROOT, page), "utf8");
  const [, section = ""] = text.split(`## ${heading}\n`);
  const bullets = (section.split("\n## ")[0] ?? "").split("\n").filter(line => line.startsWith("- "));
  return bullets.flatMap(bullet => bullet.slice(2).split(/(?<=\.) (?=[A-Z`])/));
}

describe.each([
  { page: "server/README.md", heading: "What holds", promises: WHAT_HOLDS },
  { page: "docs/docker.md", heading: "Safety", promises: SAFETY },
])("$page, $heading", ({ page, heading, promises }) => {
  const sentences = sentencesOf(page, heading);

  test("every sentence is here, and nothing here is no sentence any more", () => {
    const beginnings = Object.keys(promises);
    const unknown = sentences.filter(sentence => !beginnings.some(known => sentence.startsWith(known)));
    const gone = beginnings.filter(known => !sentences.some(sentence => sentence.startsWith(known)));
    expect({ unknown, gone }).toEqual({ unknown: [], gone: [] });
    expect(sentences.length).toBeGreaterThan(5);
  });

  test.each(Object.entries(promises))("%s", (_sentence, tests) => {
    for (const [file, title] of tests) {
      const source = readFileSync(resolve(ROOT, "test", `${file}.test.ts`), "utf8");
      expect([file, title, source.includes(title)]).toEqual([file, title, true]);
    }
  });
});
