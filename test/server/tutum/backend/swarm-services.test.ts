/** What a Swarm is asked for: pure functions, tested without any Swarm. */
import fc from "fast-check";
import { readSizeLimits } from "../../../../server/apis/tutum/backend/containers/sizes";
import { SwarmNodes } from "../../../../server/apis/tutum/backend/swarm/nodes";
import {
  displaced,
  serviceName,
  serviceSpec,
  withoutReplicas,
} from "../../../../server/apis/tutum/backend/swarm/service-spec";
import { Sightings } from "../../../../server/apis/tutum/backend/swarm/sightings";
import type { SwarmNode, SwarmTask } from "../../../../server/apis/tutum/backend/swarm/swarm";
import { exitOf, refusedPorts, startError } from "../../../../server/apis/tutum/backend/swarm/task-state";
import type { ContainerSpec } from "../../../../server/apis/tutum/model/backend";
import { createManualClock } from "../../../../server/index";

const SPEC: ContainerSpec = {
  id: "0f8b1c2d-aaaa-bbbb-cccc-ddddeeeeffff",
  application: "a1",
  name: "web-1",
  node: "node2",
  image: { name: "tutum/hello-world", tag: "latest" },
  command: "serve --name 'a b' $HOME",
  entrypoint: "sh -c",
  env: [
    { key: "A", value: "b=c\nd \"e\" 'f' $G" },
    { key: "TEMPLATE", value: "{{.Node.Hostname}} {{{" },
  ],
  ports: [
    { protocol: "tcp", inner_port: 80, outer_port: 49153 },
    { protocol: "udp", inner_port: 53, outer_port: 49154 },
  ],
  size: "M",
  hosts: [
    { name: "web-1-me.node2.tutum.internal", container: "c1" },
    { name: "nowhere.tutum.internal", container: "c4" },
    { name: "evil 6.6.6.6\n6.6.6.6 good", container: "c1" },
  ],
  links: [],
};
const AROUND = {
  server: "0a1b2c3d",
  sizes: readSizeLimits(["M=512m,0.5"]),
  nodeId: (name: string) => (name === "node2" ? "n2id" : undefined),
  addressOf: (id: string) => (id === "c1" ? "10.0.0.2" : undefined),
};
const ORDER = { run: 3, network: "net1" };
const LABELS = {
  "io.tutum.server": "0a1b2c3d",
  "io.tutum.application": "a1",
  "io.tutum.container": SPEC.id,
};

test("a Swarm is asked for exactly this, and for nothing else", () => {
  expect(serviceSpec(SPEC, ORDER, AROUND)).toEqual({
    Name: "web-1-0a1b2c3d",
    Labels: LABELS,
    TaskTemplate: {
      ContainerSpec: {
        Image: "tutum/hello-world:latest",
        Labels: LABELS,
        Hostname: "web-1",
        Command: ["sh", "-c"],
        Args: ["serve", "--name", "a b", "$HOME"],
        Env: ["A=b=c\nd \"e\" 'f' $G", 'TEMPLATE={{"{{"}}.Node.Hostname}} {{"{{"}}{'],
        Hosts: ["10.0.0.2 web-1-me.node2.tutum.internal"],
        StopGracePeriod: 10_000_000_000,
        Privileges: { NoNewPrivileges: true },
      },
      Resources: { Limits: { Pids: 4096, MemoryBytes: 512 * 1024 * 1024, NanoCPUs: 500_000_000 } },
      RestartPolicy: { Condition: "none" },
      Placement: { Constraints: ["node.id == n2id"] },
      Networks: [{ Target: "net1", Aliases: ["web-1", "web"] }],
      LogDriver: { Name: "json-file", Options: { "max-size": "10m", "max-file": "2" } },
      ForceUpdate: 3,
    },
    Mode: { Replicated: { Replicas: 1 } },
    UpdateConfig: { Parallelism: 0, FailureAction: "continue", Order: "stop-first" },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: [
        { Protocol: "tcp", TargetPort: 80, PublishedPort: 49153, PublishMode: "host" },
        { Protocol: "udp", TargetPort: 53, PublishedPort: 49154, PublishMode: "host" },
      ],
    },
  });
});

test("no field a user sends becomes a key, a mount or a template, whatever is in it", () => {
  const shape = (spec: ContainerSpec) => keysOf(serviceSpec(spec, ORDER, AROUND));
  const allowed = shape(SPEC);
  const odd = fc.string({
    unit: fc.constantFrom("{", "}", ".", "a", '"', "\n", "=", "-", "$"),
    maxLength: 20,
  });
  const fields = fc.record({
    env: fc.array(fc.record({ key: fc.stringMatching(/^[A-Z_]{1,8}$/), value: odd }), {
      minLength: 2,
      maxLength: 2,
    }),
    hosts: fc.array(fc.record({ name: odd, container: fc.constantFrom("c1", "c4") })),
  });
  fc.assert(
    fc.property(fields, generated => {
      const spec = { ...SPEC, ...generated };
      expect(shape(spec)).toEqual(allowed);
      const { Env, Hosts } = serviceSpec(spec, ORDER, AROUND).TaskTemplate.ContainerSpec as {
        Env: string[];
        Hosts: string[];
      };
      // What is left of a value when every escaped opening is read as Swarm reads it has no opening of its own.
      expect(Env.map(value => value.split('{{"{{"}}').join("{{"))).toEqual(
        generated.env.map(({ key, value }) => `${key}=${value}`),
      );
      for (const value of Env) expect(value.split('{{"{{"}}').join("")).not.toContain("{{");
      for (const host of Hosts) expect(host).toMatch(/^10\.0\.0\.2 [A-Za-z0-9_.-]+$/);
    }),
    { numRuns: 500 },
  );
});

function keysOf(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keysOf(inner)]));
}

test("what the application does not set is left to the image, and a size without limit has none", () => {
  const { TaskTemplate } = serviceSpec({ ...SPEC, command: "", entrypoint: " ", size: "XS" }, ORDER, AROUND);
  expect(TaskTemplate.ContainerSpec).not.toHaveProperty("Command");
  expect(TaskTemplate.ContainerSpec).not.toHaveProperty("Args");
  expect(TaskTemplate.Resources).toEqual({ Limits: { Pids: 4096 } });
  expect(() => serviceSpec({ ...SPEC, command: "it's" }, ORDER, AROUND)).toThrow(
    "run_command has a quote that is not closed",
  );
});

test("a container whose node is unknown goes nowhere, rather than anywhere", () => {
  const { Placement } = serviceSpec({ ...SPEC, node: "node9" }, ORDER, AROUND).TaskTemplate;
  expect(Placement.Constraints).toEqual(
    displaced(serviceSpec(SPEC, ORDER, AROUND)).TaskTemplate.Placement.Constraints,
  );
});

test("a stopped one differs from a running one in its place, its run and at last its replicas", () => {
  const spec = serviceSpec(SPEC, ORDER, AROUND);
  const stopped = withoutReplicas(displaced(spec));
  const { Placement, ForceUpdate, ...rest } = stopped.TaskTemplate;
  expect([Placement.Constraints, ForceUpdate]).toEqual([["node.labels.io.tutum.stopped == yes"], 4]);
  expect(stopped).toEqual({
    ...spec,
    TaskTemplate: { ...rest, Placement, ForceUpdate },
    Mode: { Replicated: { Replicas: 0 } },
  });
});

test("names are DNS labels, and stay different where they are cut", () => {
  const long = (number: number) => ({ name: `${"a".repeat(62)}-${number}`, id: `${number}2345678-x` });
  const names = [
    serviceName("0a1b2c3d", long(1)),
    serviceName("0a1b2c3d", long(2)),
    serviceName("0a1b2c3d", SPEC),
  ];
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/);
});

const node = (ID: string, Hostname: string, Status: Partial<SwarmNode["Status"]> = {}): SwarmNode => ({
  ID,
  Spec: { Availability: "active" },
  Description: { Hostname },
  Status: { State: "ready", Addr: "10.0.0.1", ...Status },
});

test("nodes have their host names; those that share one have a part of their ids, too", () => {
  const nodes = new SwarmNodes();
  nodes.seen([node("idaaaaaa", "Web.1"), node("idbbbbbb", "db"), node("idcccccc", "db")]);
  expect(nodes.all.map(({ name }) => name)).toEqual(["db-idbbb", "db-idccc", "web-1"]);
});

test("ports that others have on a node are known as long as the node is, also while the manager is silent", () => {
  const nodes = new SwarmNodes();
  nodes.seen([node("n1id", "n1")]);
  nodes.named("n1")?.takenPorts.add(49153);
  nodes.silent();
  expect(nodes.named("n1")).toMatchObject({ up: false, answers: false });
  expect(nodes.answers("n1id")).toBe(false);
  nodes.seen([node("n1id", "n1")]);
  expect(nodes.named("n1")).toMatchObject({ up: true, answers: true });
  expect(nodes.named("n1")?.takenPorts).toEqual(new Set([49153]));
});

test("a manager that does not know its own address is known by the one that it manages at", () => {
  const nodes = new SwarmNodes();
  nodes.seen([{ ...node("n1id", "n1", { Addr: "0.0.0.0" }), ManagerStatus: { Addr: "10.0.0.9:2377" } }]);
  expect(nodes.named("n1")?.address).toBe("10.0.0.9");
});

const task = (Status: SwarmTask["Status"]): SwarmTask => ({
  ...{ ID: "t1", ServiceID: "s1", CreatedAt: "2014-04-06T17:59:42Z", DesiredState: "running", Spec: {} },
  Status,
});

test.each<[string, SwarmTask["Status"], number | undefined]>([
  ["is in trouble", { State: "rejected", Err: "code = Unavailable desc = containerd" }, 500],
  ["has no such command", { State: "failed", Err: 'exec: "nope": no such file' }, 400],
  ["only has a message", { State: "rejected", Message: "invalid mount" }, 400],
])("why a task did not start: its node %s", (_, status, code) => {
  const error = startError(task(status));
  expect(error.status).toBe(code);
  expect(error.message).toBe(status.Err ?? status.Message);
});

test("a task tells of ports that it could not have, and of its exit code in its own words only", () => {
  const taken = "driver failed: Bind for 0.0.0.0:49153 failed: port is already allocated";
  expect(refusedPorts(task({ State: "rejected", Err: taken }))).toEqual([49153]);
  const nowhere = "no suitable node (host-mode port already in use on 1 node)";
  expect(refusedPorts(task({ State: "pending", Err: nowhere }))).toEqual([]);
  expect(refusedPorts(task({ State: "failed", Err: "task: non-zero exit (7)" }))).toBeUndefined();
  const exited = { State: "failed", Err: "task: non-zero exit (7)", ContainerStatus: { ExitCode: 7 } };
  expect(exitOf(task(exited))).toEqual({ code: 7, message: undefined });
  expect(exitOf(task({ State: "failed", Err: "oom" }))).toEqual({ code: 0, message: "oom" });
});

test("a look that began before the last change tells nothing", async () => {
  const clock = createManualClock();
  const sightings = new Sightings(clock);
  const seen = { service: undefined, tasks: [], newest: undefined, isNodeDown: false };
  const before = clock.steady();
  await clock.advance(10);
  sightings.forget();
  expect(sightings.add(seen, before)).toBe(false);
  expect(sightings.last).toBeUndefined();
  expect(sightings.add(seen, clock.steady() + 1)).toBe(true);
  expect(sightings.last).toBe(seen);
});
