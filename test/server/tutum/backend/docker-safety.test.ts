/** Every sentence of "Safety" in docs/docker.md has a test that holds it, or is a fact about Docker that no test of ours can. */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { located, readNodes } from "../../../../server/apis/tutum/backend/docker/endpoint";
import { Engine } from "../../../../server/apis/tutum/backend/docker/engine";
import { DockerNode } from "../../../../server/apis/tutum/backend/docker/node";
import { silentLogger } from "../../../../server/host/ports/logger";
import { createManualClock } from "../../../../server/index";

const OPTIONS = [
  "test/server/tutum/backend/real-containers.test.ts",
  "an engine is asked for exactly this, and for nothing else",
];
const FIELDS = [
  "test/server/tutum/backend/real-containers.test.ts",
  "no field a user sends becomes a key, a privilege or a mount",
];
const ROLES = [
  "test/docker/docker.test.ts",
  "a container with a role uses the API, and nobody uses the control API",
];
const BINDINGS = [
  "test/server/tutum/backend/docker-safety.test.ts",
  "outer ports are bound where they are reached, and nowhere else",
];
const FACT: string[] = [];

const HELD_BY: Record<string, string[]> = {
  "Anyone who can use an engine's socket is root": FACT,
  "The server needs the socket; containers never get it": OPTIONS,
  "Containers have no privileges": OPTIONS,
  "No field of the API leads to the host": FIELDS,
  "Outer ports are bound to 127.0.0.1": OPTIONS,
  "A node with an `address`": BINDINGS,
  "Variables, passwords among them, can be read": FACT,
  "`TUTUM_AUTH` is the account's key": ROLES,
  "The control API is not reachable from containers": ROLES,
};

test("every sentence about safety is held by a test", () => {
  const root = join(__dirname, "../../../..");
  const page = readFileSync(join(root, "docs/docker.md"), "utf8");
  const section = /^## Safety\n((?:- .*\n)+)/m.exec(page)?.[1] ?? "";
  const sentences = section
    .split("\n")
    .flatMap(line => line.replace(/^- /, "").split(/(?<=\.) (?=[A-Z`])/))
    .filter(sentence => sentence !== "");
  const heldBy = (sentence: string) => Object.keys(HELD_BY).find(start => sentence.startsWith(start));
  expect(sentences.filter(sentence => heldBy(sentence) === undefined)).toEqual([]);
  expect(
    Object.keys(HELD_BY).filter(start => !sentences.some(sentence => sentence.startsWith(start))),
  ).toEqual([]);
  for (const [file, title] of Object.values(HELD_BY)) {
    if (file && title)
      expect([file, readFileSync(join(root, file), "utf8").includes(title)]).toEqual([file, true]);
  }
});

/** As it is found out for an engine that is named so, whose network has this gateway. */
async function nodeAt(
  gateway: string,
  texts: string[],
  env: Record<string, string> = {},
): Promise<DockerNode> {
  const [options] = await located(readNodes(texts, env));
  if (!options) throw new Error("no node");
  const parts = { clock: createManualClock(), logger: silentLogger };
  const listener = { identify: async () => {}, down: () => {}, event: () => {}, look: async () => {} };
  const node = new DockerNode(options, new Engine({ protocol: "http" }), "0a1b2c3d", parts, listener);
  node.gateway = gateway;
  return node;
}

const ELSEWHERE = "172.31.255.1";

test("outer ports are bound where they are reached, and nowhere else: found out anew at each start", async () => {
  const own = Object.values(networkInterfaces())
    .flatMap(found => found ?? [])
    .find(({ family }) => family === "IPv4")?.address as string;
  const of = async (...args: Parameters<typeof nodeAt>) => {
    const { isHere, bindTo, isReachable } = await nodeAt(...args);
    return { isHere, bindTo, isReachable };
  };
  const local = { bindTo: ["127.0.0.1", ELSEWHERE] };
  expect(await of(own, [], {})).toEqual({
    isHere: true,
    bindTo: [...new Set(["127.0.0.1", own])],
    isReachable: true,
  });
  expect(await of(ELSEWHERE, ["n=unix:///x.sock"])).toEqual({ ...local, isHere: false, isReachable: false });
  expect(await of(ELSEWHERE, [], { DOCKER_HOST: "tcp://203.0.113.9:2376" })).toEqual({
    isHere: false,
    bindTo: ["203.0.113.9", ELSEWHERE],
    isReachable: true,
  });
  // Two machines may have networks with the same gateway.
  expect((await of(own, ["n=tcp://203.0.113.9:2376"])).isHere).toBe(false);
  expect(await of(ELSEWHERE, ["n=tcp://127.0.0.1:2375"])).toMatchObject({ ...local, isReachable: false });
  expect(await of(ELSEWHERE, ["n=ssh://me@engine.example"])).toMatchObject({ ...local, isReachable: false });
  expect(await of(ELSEWHERE, ["n=ssh://me@203.0.113.9"])).toMatchObject({
    bindTo: ["203.0.113.9", ELSEWHERE],
  });
  expect(await of(ELSEWHERE, ["n=ssh://me@engine.example,address=203.0.113.9"])).toMatchObject({
    bindTo: ["203.0.113.9", ELSEWHERE],
  });
  expect(await of(ELSEWHERE, ["n=unix:///x.sock,address=0.0.0.0"])).toMatchObject({ bindTo: ["0.0.0.0"] });
});

test("a container is reached at an address that it is bound to, however old it is, or nowhere", async () => {
  const away = await nodeAt(ELSEWHERE, ["n=tcp://203.0.113.9:2376"]);
  expect(away.reachedAt(["127.0.0.1", ELSEWHERE])).toBe(undefined);
  expect(away.reachedAt(["203.0.113.9", ELSEWHERE])).toBe("203.0.113.9");
  expect(away.reachedAt(["0.0.0.0"])).toBe("203.0.113.9");
  const unnamed = await nodeAt(ELSEWHERE, ["n=ssh://me@engine.example"]);
  expect(unnamed.reachedAt(["127.0.0.1", ELSEWHERE])).toBe(undefined);
  const [own] = Object.values(networkInterfaces())
    .flatMap(found => found ?? [])
    .map(({ address }) => address);
  const home = await nodeAt(own as string, ["n=unix:///x.sock"]);
  expect(home.reachedAt(["127.0.0.1", own as string])).toBe("127.0.0.1");
  expect(home.reachedAt(["203.0.113.9", ELSEWHERE])).toBe("203.0.113.9");
  expect(home.reachedAt(["0.0.0.0"])).toBe("127.0.0.1");
});
