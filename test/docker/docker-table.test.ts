/** The table of the API (every action in every state, filters, pages) with containers on a real Docker Engine. */
import { join } from "node:path";
import type { Application, Page } from "../../provider/tutum/client";
import { atEnd, type Container, startTestServer, temporaryFolder } from "../server/harness";
import { describeTable, type TableServer } from "../server/tutum/api-table";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { reset } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";
import { createGate } from "./gate";

const MOVING = ["Starting", "Scaling", "Redeploying", "Stopping", "Terminating"];

describeEngines("on a Docker Engine", () => {
  let engines: Engines;
  let machine: Machine;

  beforeAll(async () => {
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
    await machine.call("POST", `/images/${PROBE_IMAGE}/tag?repo=tutum/hello-world&tag=latest`);
    await commit("tutum/exits", "3", ["sh", "-c", "exit 3"]);
    await commit("tutum/start-fails", "latest", ["nope"]);
  });
  afterAll(() => engines?.close());

  /** The probe with another command. */
  async function commit(repo: string, tag: string, Cmd: string[]): Promise<void> {
    const { Id } = await machine.call<{ Id: string }>("POST", "/containers/create", { Image: PROBE_IMAGE });
    await machine.call("POST", `/commit?container=${Id}&repo=${repo}&tag=${tag}`, { Cmd });
    await machine.call("DELETE", `/containers/${Id}`);
  }

  describeTable(
    async (): Promise<TableServer> => {
      const gate = await createGate(machine.socket, join(temporaryFolder(), "engine.sock"));
      atEnd(() => gate.end());
      const server = await startTestServer({
        backend: "docker",
        nodes: [`node1=unix://${gate.socket}`],
        dataDir: temporaryFolder(),
        // The clock stands still, and the ports of an engine elsewhere cannot be asked.
        readiness: { settle: 0, ready: 0 },
        control: true,
      });
      const settle = async () => {
        gate.open();
        await until(async () => {
          const applications = await server.get<Page<Application>>("/api/v1/application/?limit=100");
          const containers = await server.get<Page<Container>>("/api/v1/container/?limit=100");
          return (
            [...applications.objects, ...containers.objects].every(({ state }) => !MOVING.includes(state)) &&
            !containers.objects.some(each => each.image_name === "tutum/exits:3" && each.state === "Running")
          );
        });
        gate.close();
      };
      atEnd(() => {
        gate.open();
        return reset(server);
      });
      return Object.assign(Object.create(server) as typeof server, {
        settle,
        async deploy(body: object) {
          const { resource_uri } = await server.create(body);
          await settle();
          return server.get(resource_uri);
        },
      });
    },
    { underway: true },
  );
});
