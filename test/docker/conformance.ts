/**
 * Every action in every state of an application and of a container, whatever runs the containers: what is answered,
 * and what becomes of it. Backends differ in time only, so what one finds can be compared with what another one finds.
 */
import type { Application, Container } from "../../provider/tutum/client";
import { Limit } from "../../server/apis/tutum/backend/containers/limit";
import type { client } from "./docker-server";

type Client = ReturnType<typeof client>;

export interface Bodies {
  /** Runs until it is stopped. */
  runs: object;
  /** Its process soon ends with code 3. */
  exits: object;
  /** Its process can't be started. */
  fails: object;
}

interface Place {
  client: Client;
  bodies: Bodies;
  /** Unique name of the cell's application. */
  name: string;
}

/** `Running: stop` -> `202 Stopping, then Stopped / Stopped`. */
export type Conformance = Record<string, string>;

const MOVING = ["Init", "Starting", "Stopping", "Scaling", "Redeploying", "Terminating"];
const AT_A_TIME = 8;

const deploy = ({ client, bodies, name }: Place, body: object = bodies.runs, state = "Running") =>
  client.deploy({ ...body, name }, state);

async function after(place: Place, method: string, path: string, body?: object): Promise<Application> {
  const application = await deploy(place);
  await place.client.call(method, application.resource_uri + path, body);
  return application;
}

async function first(place: Place, method: string, path = ""): Promise<Application> {
  const application = await deploy(place);
  await place.client.call(method, `${application.containers[0]}${path}`);
  return application;
}

const settled = async ({ client }: Place, { resource_uri }: Application, state: string) =>
  client.reach(resource_uri, state);

/** How an application gets into each state. */
const APPLICATIONS: Record<string, (place: Place) => Promise<Application>> = {
  Starting: ({ client, bodies, name }) => client.create({ ...bodies.runs, name }),
  Running: place => deploy(place),
  Scaling: place => after(place, "PATCH", "", { target_num_containers: 2 }),
  Redeploying: place => after(place, "POST", "redeploy/"),
  "Partly running": async place => {
    const two = await deploy(place, { ...place.bodies.runs, target_num_containers: 2 });
    await place.client.call("POST", `${two.containers[0]}stop/`);
    return settled(place, two, "Partly running");
  },
  Stopping: place => after(place, "POST", "stop/"),
  Stopped: async place => settled(place, await after(place, "POST", "stop/"), "Stopped"),
  "Stopped with errors": place => deploy(place, place.bodies.exits, "Stopped with errors"),
  "Start failed": place => deploy(place, place.bodies.fails, "Start failed"),
  "Not running": async place => settled(place, await first(place, "DELETE"), "Not running"),
  Terminating: place => after(place, "DELETE", ""),
  Terminated: async place => settled(place, await after(place, "DELETE", ""), "Terminated"),
};

const CONTAINERS: Record<string, (place: Place) => Promise<Application>> = {
  Starting: APPLICATIONS.Starting as (place: Place) => Promise<Application>,
  Running: place => deploy(place),
  Stopping: place => first(place, "POST", "stop/"),
  Stopped: async place => settled(place, await first(place, "POST", "stop/"), "Stopped"),
  "Stopped with errors": place => deploy(place, place.bodies.exits, "Stopped with errors"),
  "Start failed": place => deploy(place, place.bodies.fails, "Start failed"),
  Terminating: place => first(place, "DELETE"),
  Terminated: async place => {
    const application = await first(place, "DELETE");
    await settled(place, application, "Not running");
    // It still names the container.
    return application;
  },
};

const ACTIONS = {
  start: ["POST", "start/"],
  stop: ["POST", "stop/"],
  scale: ["PATCH", "", { target_num_containers: 2 }],
  redeploy: ["POST", "redeploy/"],
  terminate: ["DELETE", ""],
} as const;

export async function conformance(client: Client, bodies: Bodies): Promise<Conformance> {
  const limit = new Limit(AT_A_TIME);
  const cells = [
    ...cellsOf("application", APPLICATIONS, ["start", "stop", "scale", "redeploy", "terminate"]),
    ...cellsOf("container", CONTAINERS, ["start", "stop", "terminate"]),
  ];
  const found = cells.map(({ key, run }, index) =>
    limit.run(async () => [key, await run({ client, bodies, name: `cell${index}` })] as const),
  );
  return Object.fromEntries(await Promise.all(found));
}

function cellsOf(
  kind: "application" | "container",
  states: Record<string, (place: Place) => Promise<Application>>,
  actions: (keyof typeof ACTIONS)[],
) {
  return Object.entries(states).flatMap(([state, reach]) =>
    actions.map(action => ({
      key: `${kind} ${state}: ${action}`,
      run: async (place: Place) => {
        const application = await reach(place);
        const uri = kind === "application" ? application.resource_uri : (application.containers[0] as string);
        return [
          await stateOf(place, uri),
          await act(place, uri, action),
          await outcome(place, application),
        ].join("; ");
      },
    })),
  );
}

const stateOf = async ({ client }: Place, uri: string) => (await client.get(uri)).state;

async function act({ client }: Place, uri: string, action: keyof typeof ACTIONS): Promise<string> {
  const [method, path, body] = ACTIONS[action];
  const answer = await client.call<{ state?: string; error?: string }>(method, uri + path, body);
  return `${answer.status} ${answer.body.state ?? answer.body.error}`;
}

/** Where the application and its containers come to rest; then it is removed. */
async function outcome({ client }: Place, { resource_uri }: Application): Promise<string> {
  const resting = async () => {
    const application = await client.get(resource_uri);
    const containers = await Promise.all(application.containers.map(uri => client.get<Container>(uri)));
    const { state } = await client.get(resource_uri);
    const states = [state, ...containers.map(container => container.state)];
    // Read one after the other, they may be of different times.
    const isOfOneTime = state === application.state;
    return isOfOneTime && !states.some(state => MOVING.includes(state)) ? states : undefined;
  };
  let states = await resting();
  for (const deadline = Date.now() + 60_000; !states; states = await resting()) {
    if (Date.now() > deadline) throw new Error(`${resource_uri} does not come to rest`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  if (states[0] !== "Terminated") {
    await client.call("DELETE", resource_uri);
    await client.reach(resource_uri, "Terminated");
  }
  return `then ${states.join(", ")}`;
}
