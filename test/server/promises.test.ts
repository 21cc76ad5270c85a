/**
 * Every sentence of `Guarantees` in server/README.md has a test. A sentence that is added or changed is to be added
 * here, with the tests that hold it.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** A sentence's beginning, and the tests that hold it: file, and part of the title. */
type Promises = Record<string, [file: string, title: string][]>;

const GUARANTEES: Promises = {
  "The response to a change is sent when the change is on disk.": [
    ["server/host/storage/durability", "kill -9"],
  ],
  "A create with an `Idempotency-Key` is made once": [
    ["server/tutum/idempotency", "the same key and body get the first answer again, word for word"],
    ["server/tutum/idempotency", "the same key with another body is 409"],
    ["server/tutum/idempotency", "a key is forgotten after a day"],
  ],
  "Deleted secrets are removed from the disk": [
    [
      "server/host/storage/secrets-on-disk",
      "after reset of a running server no file holds a secret of before",
    ],
    [
      "server/host/storage/secrets-on-disk",
      "what was removed is gone from the journals within the time given",
    ],
  ],
  "The stored response to a create is encrypted": [
    [
      "server/host/storage/secrets-on-disk",
      "an answer kept under an Idempotency-Key holds no value in clear",
    ],
  ],
  "Setting the machine's clock changes no time window": [
    ["fuzz/clocks", "windows and lives are as long as they are, however the clock is set"],
    ["fuzz/clocks", "the limit on wrong credentials does not hear of the wall clock"],
  ],
  "The server listens on the loopback; other addresses need a key": [
    ["server/host/http/http", "listening for others needs a key of one's own"],
    ["server/host/http/reach", "a key that others can try has at least 16 characters"],
  ],
  "A request must name the server in its `Host`": [
    ["server/host/http/reach", "a server on %s answers to Host %s with %d"],
    ["server/host/http/reach", "answers to addresses and to names it was given, not to others"],
  ],
  "A foreign or repeated `Host`, a foreign `Origin` and cross-site requests": [
    ["server/host/http/http", "two Host headers"],
    ["server/host/http/reach", "on every address, a page of %s calls 10.1.2.3 with %d"],
    ["server/host/control/control", "with %j the status is %d"],
  ],
  "After ten wrong credentials within a second": [
    ["server/tutum/auth-images", "who guesses more than ten times a second is told to wait"],
  ],
  "Right ones never do.": [["server/host/http/reach", "holds up nobody else and no right credentials"]],
  "A connection that reads nothing of its responses for a minute": [
    ["server/host/http/connections", "who asks for much and reads nothing is dropped"],
    ["server/host/http/connections", "who sends many requests without waiting"],
  ],
  "At most 500 connections have shown no key": [
    ["server/host/http/connections", "those without a key push each other out"],
    ["server/host/http/connections", "one address without a key has its own limit"],
  ],
  "No response, recorded request, log line or metric repeats": [
    ["server/tutum/secrets", "a secret in a wrong place is in no answer, record, log line or metric"],
  ],
  "Log lines name the account's user and no one else.": [
    ["server/commands/logs", "every request is one line of JSON with method, route, status, time and user"],
  ],
  "On SIGTERM requests in flight get their responses": [
    ["server/host/http/shutdown", "a request in flight gets its answer"],
    ["server/host/http/shutdown", "a body that never comes and an idle connection do not keep it"],
  ],
  "Limits: 20,000 applications": [
    ["server/tutum/applications", "no more applications are created than the limit allows"],
    ["server/tutum/limits", "an application has at most %s"],
    ["server/tutum/link-weight", "would take more than 1 MiB in a container are refused"],
    ["server/tutum/link-weight", "all containers of an application have at most 16 MiB"],
    ["server/host/http/http", "body %.20s as %s is %d with an error"],
    ["server/host/http/connections", "when all connections are taken, one with a key still finds room"],
  ],
};

function sentencesOf(page: string, heading: string): string[] {
  const text = readFileSync(resolve(ROOT, page), "utf8");
  const [, section = ""] = text.split(`## ${heading}\n`);
  const bullets = (section.split("\n## ")[0] ?? "").split("\n").filter(line => line.startsWith("- "));
  return bullets.flatMap(bullet => bullet.slice(2).split(/(?<=\.) (?=[A-Z`])/));
}

describe("Guarantees", () => {
  const sentences = sentencesOf("server/README.md", "Guarantees");

  test("every sentence is here, and nothing here is no sentence any more", () => {
    const beginnings = Object.keys(GUARANTEES);
    const unknown = sentences.filter(sentence => !beginnings.some(known => sentence.startsWith(known)));
    const gone = beginnings.filter(known => !sentences.some(sentence => sentence.startsWith(known)));
    expect({ unknown, gone }).toEqual({ unknown: [], gone: [] });
  });

  test.each(Object.entries(GUARANTEES))("%s", (_sentence, tests) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const [file, title] of tests) {
      const source = readFileSync(resolve(ROOT, "test", `${file}.test.ts`), "utf8");
      expect([file, title, source.includes(title)]).toEqual([file, title, true]);
    }
  });
});
