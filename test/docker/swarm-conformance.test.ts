/** The API is the same whatever runs the containers: the simulated ones say what is expected of those on a Swarm. */
import { startServer } from "../../server/index";
import { atEnd } from "../server/harness";
import { conformance } from "./conformance";
import { describeEngines } from "./describe-engines";
import { client } from "./docker-server";
import { Engines, PROBE_IMAGE } from "./engines";
import { startSwarmServer } from "./swarm-server";

/** What is under way can be ended on real containers; simulated ones say what the documents do. */
const ENDED = {
  "application Starting: stop": "Starting; 202 Stopping; then Stopped, Stopped",
  "application Starting: terminate": "Starting; 202 Terminating; then Terminated",
  "application Scaling: stop": "Scaling; 202 Stopping; then Stopped, Stopped, Stopped",
  "application Scaling: terminate": "Scaling; 202 Terminating; then Terminated",
  "application Redeploying: stop": "Redeploying; 202 Stopping; then Stopped, Stopped",
  "application Redeploying: terminate": "Redeploying; 202 Terminating; then Terminated",
  "container Starting: stop": "Starting; 202 Stopping; then Stopped, Stopped",
  "container Starting: terminate": "Starting; 202 Terminating; then Not running",
};

/** The refusals name these states, too. */
function withUnderway(text: string): string {
  return text.replace(
    /(Cannot (?:stop|terminate) (application|container) .* possible when it is [^.]*)\./,
    (_, words, kind) => `${words}, ${kind === "container" ? "Starting" : "Starting, Scaling, Redeploying"}.`,
  );
}

describeEngines("on a Swarm", () => {
  let engines: Engines;

  beforeAll(async () => {
    engines = await Engines.start(3);
    await engines.joinSwarm();
  });
  afterAll(() => engines?.close());

  test("every action in every state has the same effect as on simulated containers", async () => {
    const PORTS = { container_ports: [{ protocol: "tcp", inner_port: 80 }] };
    const times = { start: 1_500, stop: 1_000, terminate: 1_000, exit: 1_500 };
    const simulated = await startServer({ times });
    atEnd(() => simulated.close());
    const expected = await conformance(client(simulated.url, simulated), {
      runs: { image: "tutum/hello-world", ...PORTS },
      exits: { image: "tutum/exits:3", ...PORTS },
      fails: { image: "tutum/start-fails", ...PORTS },
    });
    const found = await conformance(await startSwarmServer(engines), {
      runs: { image: PROBE_IMAGE },
      exits: { image: PROBE_IMAGE, run_command: "sh -c 'sleep 2; exit 3'" },
      fails: { image: PROBE_IMAGE, run_command: "no-such-command" },
    });
    const told = Object.fromEntries(
      Object.entries(expected).map(([cell, text]) => [cell, withUnderway(text)]),
    );
    expect(found).toEqual({ ...told, ...ENDED });
  }, 400_000);
});
