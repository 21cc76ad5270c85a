/**
 * How long applications of one container each take until they run, by tutum-server and by the engine's own API, in
 * turns on the same engines: daemons in namespaces of their own, as in test/docker. As root:
 *
 *   npm run bench:containers -- [docker|swarm] [containers] [rounds]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TutumClient } from "../provider/tutum/client";
import { Limit } from "../server/apis/tutum/backend/containers/limit";
import { Engines, type Machine, PROBE_IMAGE } from "../test/docker/engines";
import { until } from "../test/until";

// Compiled, and on the real disk: what loads this file gives the sources a simulated one.
const { startServer } = require("../server/dist/index.js") as typeof import("../server/index");

const [backend = "docker", given = backend === "swarm" ? "30" : "50", rounds = "3"] = process.argv.slice(2);
const COUNT = Number(given);
/** As many as the server starts at a time on one engine. */
const AT_A_TIME = 8;
const PATIENCE_MS = 300_000;

interface Round {
  plainMs: number;
  oursMs: number;
  /** Of this process, the server in it. */
  rssBytes: number;
}

async function main(): Promise<void> {
  const engines = await Engines.start(backend === "swarm" ? 3 : 1);
  let end = async () => {};
  const dataDir = mkdtempSync(join(tmpdir(), "tutum-bench-"));
  try {
    if (backend === "swarm") await engines.joinSwarm();
    const [manager] = engines.machines as [Machine];
    const plain = backend === "swarm" ? await plainServices(manager) : await plainContainers(manager);
    const nodes = [`${manager.name}=unix://${manager.socket}`];
    // The engine alone waits for nothing either.
    const readiness = { settle: 0, ready: 0 };
    const server = await startServer({ backend: backend as "docker" | "swarm", nodes, dataDir, readiness });
    end = () => server.close();
    const results: Round[] = [];
    for (let round = 0; round < Number(rounds); round++) {
      const measure = { plainMs: () => plain(), oursMs: () => ours(server) };
      const order = Object.entries(measure);
      const times: Record<string, number> = {};
      for (const [name, run] of round % 2 === 0 ? order : order.reverse()) times[name] = await run();
      const { plainMs = 0, oursMs = 0 } = times;
      results.push({ plainMs, oursMs, rssBytes: process.memoryUsage.rss() });
    }
    process.stdout.write(`${table(results)}\n`);
  } finally {
    await end();
    await engines.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function ours(server: { url: string; user: string; apikey: string }): Promise<number> {
  const { applications } = new TutumClient({ ...server, endpoint: server.url, env: {} });
  const counted = async (state: "Running" | "Terminating") =>
    (await applications.page({ state })).meta.total_count;
  const begun = performance.now();
  const made = await Promise.all(
    Array.from({ length: COUNT }, (_, index) =>
      applications.create({ image: PROBE_IMAGE, name: `bench-${index}` }),
    ),
  );
  await all("running", async () => (await counted("Running")) === COUNT);
  const took = performance.now() - begun;
  await Promise.all(made.map(({ uuid }) => applications.terminate(uuid)));
  await all("gone", async () => (await counted("Terminating")) === 0);
  return took;
}

/** What `docker run --detach --network plain --publish 127.0.0.1:… --publish <gateway>:…` asks an engine for: as ours. */
async function plainContainers(engine: Machine): Promise<() => Promise<number>> {
  await engine.call("POST", "/networks/create", { Name: "plain" });
  const { IPAM } = await engine.call<{ IPAM: { Config: { Gateway: string }[] } }>("GET", "/networks/plain");
  const addresses = ["127.0.0.1", IPAM.Config[0]?.Gateway];
  return async () => {
    const ids: string[] = [];
    const begun = performance.now();
    await eightAtATime(async index => {
      const { Id } = await engine.call<{ Id: string }>("POST", `/containers/create?name=plain-${index}`, {
        Image: PROBE_IMAGE,
        ExposedPorts: { "80/tcp": {} },
        HostConfig: {
          NetworkMode: "plain",
          PortBindings: {
            "80/tcp": addresses.map(HostIp => ({ HostIp, HostPort: String(30_000 + index) })),
          },
        },
      });
      await engine.call("POST", `/containers/${Id}/start`);
      ids.push(Id);
    });
    const took = performance.now() - begun;
    await eightAtATime(async index => engine.call("DELETE", `/containers/${ids[index]}?force=1`));
    return took;
  };
}

/** What `docker service create --endpoint-mode dnsrr --publish mode=host` asks a manager for, spread over the nodes. */
async function plainServices(manager: Machine): Promise<() => Promise<number>> {
  const nodes = await manager.call<{ ID: string }[]>("GET", "/nodes");
  const overlay = { Name: "plain", Driver: "overlay", Attachable: true };
  const { Id: network } = await manager.call<{ Id: string }>("POST", "/networks/create", overlay);
  const tasks = async () => manager.call<{ Status: { State: string } }[]>("GET", "/tasks");
  return async () => {
    const begun = performance.now();
    const made = await Promise.all(
      Array.from({ length: COUNT }, (_, index) =>
        manager.call<{ ID: string }>("POST", "/services/create", {
          Name: `plain-${index}`,
          TaskTemplate: {
            ContainerSpec: { Image: PROBE_IMAGE },
            RestartPolicy: { Condition: "none" },
            Placement: { Constraints: [`node.id==${nodes[index % nodes.length]?.ID}`] },
            Networks: [{ Target: network }],
          },
          Mode: { Replicated: { Replicas: 1 } },
          EndpointSpec: {
            Mode: "dnsrr",
            Ports: [{ Protocol: "tcp", TargetPort: 80, PublishedPort: 30_000 + index, PublishMode: "host" }],
          },
        }),
      ),
    );
    await all("running", async () => {
      const running = (await tasks()).filter(({ Status }) => Status.State === "running");
      return running.length === COUNT;
    });
    const took = performance.now() - begun;
    await Promise.all(made.map(({ ID }) => manager.call("DELETE", `/services/${ID}`)));
    await all("gone", async () => (await tasks()).length === 0);
    return took;
  };
}

async function eightAtATime(task: (index: number) => Promise<unknown>): Promise<void> {
  const limit = new Limit(AT_A_TIME);
  await Promise.all(Array.from({ length: COUNT }, (_, index) => limit.run(() => task(index))));
}

function all(state: string, fact: () => Promise<boolean>): Promise<true> {
  return until(fact, `all are ${state}`, PATIENCE_MS);
}

function table(results: Round[]): string {
  const seconds = (ms: number) => (ms / 1_000).toFixed(1);
  return [
    `| ${COUNT} containers, ${backend} | the engine alone, s | tutum-server, s | ratio | memory, MB |`,
    "|---|---|---|---|---|",
    ...results.map(
      ({ plainMs, oursMs, rssBytes }, index) =>
        `| round ${index + 1} | ${seconds(plainMs)} | ${seconds(oursMs)} | ${(oursMs / plainMs).toFixed(2)} | ${Math.round(rssBytes / 2 ** 20)} |`,
    ),
  ].join("\n");
}

main().catch(error => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
