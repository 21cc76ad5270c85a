/** What real containers are made of: pure functions, tested without any engine. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { joinCommand, splitCommand } from "../../../../server/apis/tutum/backend/containers/command";
import { imageDefaults } from "../../../../server/apis/tutum/backend/containers/image-defaults";
import { KeptLogs } from "../../../../server/apis/tutum/backend/containers/kept-logs";
import { Limit } from "../../../../server/apis/tutum/backend/containers/limit";
import { LogTail } from "../../../../server/apis/tutum/backend/containers/log-text";
import { engineName, hostName, isHostName } from "../../../../server/apis/tutum/backend/containers/names";
import { registryCredentials } from "../../../../server/apis/tutum/backend/containers/registry";
import { readSizeLimits } from "../../../../server/apis/tutum/backend/containers/sizes";
import { createOptions } from "../../../../server/apis/tutum/backend/docker/create-options";
import { engineAddress, readNodes } from "../../../../server/apis/tutum/backend/docker/endpoint";
import {
  EngineError,
  meaningOf,
  portsInUse,
} from "../../../../server/apis/tutum/backend/docker/engine-error";
import type { ContainerSpec } from "../../../../server/apis/tutum/model/backend";
import { createManualClock, UserError } from "../../../../server/index";

const SPEC: ContainerSpec = {
  id: "c1",
  application: "a1",
  name: "web-1",
  node: "local",
  image: { name: "tutum/hello-world", tag: "latest" },
  command: "serve --name 'a b' $HOME",
  entrypoint: "sh -c",
  env: [
    { key: "A", value: "b=c\nd \"e\" 'f' $G" },
    { key: "EMPTY", value: "" },
  ],
  ports: [
    { protocol: "tcp", inner_port: 80, outer_port: 49153 },
    { protocol: "udp", inner_port: 53, outer_port: 49154 },
  ],
  size: "M",
  hosts: [
    { name: "web-1-me.local.tutum.internal", container: "c1" },
    { name: "db-1-me.local.tutum.internal", container: "c2" },
    { name: "far-1-me.n2.tutum.internal", container: "c3" },
    { name: "nowhere.tutum.internal", container: "c4" },
    { name: "evil:1.2.3.4\n6.6.6.6 good", container: "c2" },
  ],
  links: [
    { name: "db", container: "c2" },
    { name: "far", container: "c3" },
    { name: "a b:c", container: "c2" },
  ],
};
const AROUND = {
  server: "0a1b2c3d",
  bindTo: ["127.0.0.1", "172.18.0.1"],
  sizes: readSizeLimits(["M=512m,0.5"]),
  addressOf: (id: string) => ({ c1: "172.18.0.1", c2: "172.18.0.1", c3: "10.0.0.3" })[id],
  neighbour: (id: string) => (id === "c2" ? "db-1.0a1b2c3d" : undefined),
};

test("an engine is asked for exactly this, and for nothing else", () => {
  expect(createOptions(SPEC, AROUND)).toEqual({
    name: "web-1.0a1b2c3d",
    Image: "tutum/hello-world:latest",
    Hostname: "web-1",
    Cmd: ["serve", "--name", "a b", "$HOME"],
    Entrypoint: ["sh", "-c"],
    Env: ["A=b=c\nd \"e\" 'f' $G", "EMPTY="],
    Labels: {
      "io.tutum.server": "0a1b2c3d",
      "io.tutum.application": "a1",
      "io.tutum.container": "c1",
    },
    ExposedPorts: { "80/tcp": {}, "53/udp": {} },
    HostConfig: {
      NetworkMode: "tutum.0a1b2c3d",
      PortBindings: {
        "80/tcp": [
          { HostIp: "127.0.0.1", HostPort: "49153" },
          { HostIp: "172.18.0.1", HostPort: "49153" },
        ],
        "53/udp": [
          { HostIp: "127.0.0.1", HostPort: "49154" },
          { HostIp: "172.18.0.1", HostPort: "49154" },
        ],
      },
      ExtraHosts: [
        "web-1-me.local.tutum.internal:172.18.0.1",
        "db-1-me.local.tutum.internal:172.18.0.1",
        "far-1-me.n2.tutum.internal:10.0.0.3",
      ],
      RestartPolicy: { Name: "no" },
      CgroupnsMode: "private",
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: 4096,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "2" } },
      Memory: 512 * 1024 * 1024,
      NanoCpus: 500_000_000,
    },
    NetworkingConfig: {
      EndpointsConfig: { "tutum.0a1b2c3d": { Aliases: ["web-1"], Links: ["db-1.0a1b2c3d:db"] } },
    },
  });
});

test("what the application does not set is left to the image, and a size without limit has none", () => {
  const options = createOptions({ ...SPEC, command: "", entrypoint: " ", size: "XS" }, AROUND);
  expect(Object.keys(options)).not.toEqual(expect.arrayContaining(["Cmd"]));
  expect(Object.keys(options)).not.toEqual(expect.arrayContaining(["Entrypoint"]));
  expect(options.HostConfig).not.toHaveProperty("Memory");
  expect(options.HostConfig).not.toHaveProperty("NanoCpus");
});

test("no field a user sends becomes a key, a privilege or a mount, whatever is in it", () => {
  const allowed = Object.keys(createOptions(SPEC, AROUND).HostConfig ?? {}).sort();
  const odd = fc.string({ unit: "binary", maxLength: 30 });
  const spec = fc.record({
    command: odd.map(text => joinCommand([text])),
    env: fc.array(fc.record({ key: fc.stringMatching(/^[A-Z_]{1,8}$/), value: odd })),
    hosts: fc.array(fc.record({ name: odd, container: fc.constantFrom("c1", "c2") })),
    links: fc.array(fc.record({ name: odd, container: fc.constantFrom("c2") })),
  });
  fc.assert(
    fc.property(spec, fields => {
      const options = createOptions({ ...SPEC, ...fields }, AROUND);
      expect(Object.keys(options.HostConfig ?? {}).sort()).toEqual(allowed);
      expect(options.Env).toEqual(fields.env.map(({ key, value }) => `${key}=${value}`));
      for (const host of options.HostConfig?.ExtraHosts ?? []) {
        expect(host).toMatch(/^[A-Za-z0-9_.-]+:172\.18\.0\.1$/);
      }
    }),
    { numRuns: 300 },
  );
});

test("a command is split as a shell would split it, and any list of words survives the way there and back", () => {
  expect(splitCommand(`a 'b c' "d 'e'" f\\ g $H ; rm * # x`)).toEqual([
    ...["a", "b c", "d 'e'", "f g", "$H", ";", "rm", "*", "#", "x"],
  ]);
  expect(() => splitCommand("it's")).toThrow();
  expect(() => createOptions({ ...SPEC, command: "it's" }, AROUND)).toThrow(
    "run_command has a quote that is not closed",
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 6 }), words => {
      expect(splitCommand(joinCommand(words))).toEqual(words);
    }),
  );
});

test("an image's description becomes ports and commands", () => {
  expect(
    imageDefaults({
      ExposedPorts: { "8080/tcp": {}, "53/udp": {}, "53/tcp": {}, "9/sctp": {} },
      Cmd: ["sh", "-c", "echo 'a b'"],
      Entrypoint: "/run.sh",
    }),
  ).toEqual({
    ports: [
      { protocol: "tcp", inner_port: 53 },
      { protocol: "udp", inner_port: 53 },
      { protocol: "tcp", inner_port: 8080 },
    ],
    run_command: `sh -c 'echo '"'"'a b'"'"`,
    entrypoint: "/run.sh",
  });
  expect(imageDefaults({ ExposedPorts: null, Cmd: null, Entrypoint: null })).toEqual({
    ports: [],
    run_command: "",
    entrypoint: "",
  });
});

test("ports of an image: ranges are expanded, protocols are lower-cased, junk is left out and told", () => {
  const ignored: string[][] = [];
  const of = (...ports: string[]) =>
    imageDefaults({ ExposedPorts: Object.fromEntries(ports.map(port => [port, {}])) }, junk =>
      ignored.push(junk),
    ).ports.map(({ inner_port, protocol }) => `${inner_port}/${protocol}`);
  expect(of("8000-8002/tcp", "x", "53/UDP", "80")).toEqual([
    "53/udp",
    "80/tcp",
    "8000/tcp",
    "8001/tcp",
    "8002/tcp",
  ]);
  expect(ignored).toEqual([["x"]]);
  expect(of("80/tcp", "80", "79-81/TCP")).toEqual(["79/tcp", "80/tcp", "81/tcp"]);
  const junk = [
    "",
    "/tcp",
    "0",
    "65536",
    "70000-70001",
    "90-80",
    "1-65535",
    "-1",
    "1.5",
    "1e3",
    "9/sctp",
    " 80",
    "80/",
    "80/tcp/x",
  ];
  expect(of(...junk)).toEqual(["80/tcp"]);
  expect(ignored[1]?.sort()).toEqual(junk.filter(port => port !== "80/").sort());
  const any = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,6}(-\d{1,6})?(\/(tcp|TCP|udp|sctp))?$/));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 30 }), keys => {
      const { ports } = imageDefaults({ ExposedPorts: Object.fromEntries(keys.map(key => [key, {}])) });
      expect(ports.length).toBeLessThanOrEqual(100);
      for (const { inner_port, protocol } of ports) {
        expect(["tcp", "udp"]).toContain(protocol);
        expect(Number.isInteger(inner_port) && inner_port >= 1 && inner_port <= 65535).toBe(true);
      }
      expect(new Set(ports.map(port => JSON.stringify(port))).size).toBe(ports.length);
    }),
  );
});

test("log frames become text, in the order they come, also when a frame ends within a character", () => {
  const euro = Buffer.from("€");
  const frame = (stream: number, content: Buffer) => {
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(content.length, 4);
    return Buffer.concat([header, content]);
  };
  const frames = Buffer.concat([
    frame(1, Buffer.from("out\n")),
    frame(2, Buffer.from("err\n")),
    frame(1, euro.subarray(0, 1)),
    frame(2, Buffer.from("between\n")),
    frame(1, euro.subarray(1)),
    frame(7, Buffer.from("no stream")),
  ]);
  const text = (...chunks: Buffer[]) => {
    const tail = new LogTail();
    for (const chunk of chunks) tail.push(chunk);
    return tail.text();
  };
  expect(text(frames)).toBe("out\nerr\nbetween\n€");
  expect(text()).toBe("");
  for (let length = 0; length < frames.length; length++) {
    expect(text(frames.subarray(0, length), frames.subarray(length))).toBe("out\nerr\nbetween\n€");
    text(frames.subarray(0, length));
  }
});

test("of endless output the end is kept, whatever its frames", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 60 }), lengths => {
      const tail = new LogTail(1_000);
      const all = Buffer.alloc(lengths.reduce((sum, length) => sum + length, 0)).map(
        (_, at) => 97 + (at % 26),
      );
      let at = 0;
      for (const length of lengths) {
        const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
        header.writeUInt32BE(length, 4);
        tail.push(Buffer.concat([header, all.subarray(at, at + length)]));
        at += length;
      }
      const text = tail.text();
      expect(text.length).toBeGreaterThanOrEqual(Math.min(1_000, at));
      expect(text.length).toBeLessThan(2_000);
      expect(all.toString().endsWith(text)).toBe(true);
    }),
  );
  const line = new LogTail(1_000);
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(5_000, 4);
  line.push(Buffer.concat([header, Buffer.alloc(5_000, "x")]));
  expect(line.text()).toBe("x".repeat(1_000));
});

test("names in an engine tell servers apart, and host names fit where they go", () => {
  expect(engineName("0a1b2c3d", "web-1")).toBe("web-1.0a1b2c3d");
  expect(hostName(`${"x".repeat(62)}-1`)).toBe("x".repeat(62));
  expect(["web-1", "a.b-c_d", "WEB"].map(isHostName)).toEqual([true, true, true]);
  expect(["", "-a", "a b", "a:b", "a\n", "é", "x".repeat(254)].map(isHostName)).toEqual(Array(7).fill(false));
});

test("size limits are memory and processors", () => {
  expect(readSizeLimits(["XS=64m", "XL=2g,1.5"])).toEqual({
    XS: { memory: 64 * 1024 ** 2 },
    XL: { memory: 2 * 1024 ** 3, cpus: 1.5 },
  });
  for (const wrong of ["", "XS", "XXL=1g", "M=512", "M=1t", "M=1g,", "M=1g,0", "M=1m", "M=-1g"]) {
    expect([wrong, message(() => readSizeLimits([wrong]))]).toEqual([wrong, expect.stringContaining(wrong)]);
  }
});

test("credentials go to the registry that the image's name says", () => {
  const of = (name: string) =>
    registryCredentials({
      ...SPEC,
      image: { name, tag: "1" },
      credentials: { username: "u", password: "p" },
    });
  expect(of("quay.io/me/app")?.serveraddress).toBe("quay.io");
  expect(of("localhost:5000/app")?.serveraddress).toBe("localhost:5000");
  expect(of("me/app")).toEqual({
    username: "u",
    password: "p",
    serveraddress: "https://index.docker.io/v1/",
  });
  expect(registryCredentials(SPEC)).toBe(undefined);
});

test("engines are named as the docker command names them, or one by one", () => {
  expect(readNodes([], { DOCKER_HOST: "tcp://10.0.0.1:2376" })).toEqual([
    { name: "local", endpoint: "tcp://10.0.0.1:2376" },
  ]);
  expect(readNodes([], {})[0]?.endpoint).toMatch(/^unix:\/\/.*docker\.sock$/);
  expect(
    readNodes(["n1=ssh://me@10.0.0.1,address=10.0.0.1", "n2=unix:///x.sock,address=10.0.0.2"], {}),
  ).toEqual([
    { name: "n1", endpoint: "ssh://me@10.0.0.1", address: "10.0.0.1" },
    { name: "n2", endpoint: "unix:///x.sock", address: "10.0.0.2" },
  ]);
  for (const [nodes, said] of [
    [["10.0.0.1"], '"10.0.0.1" is not a node'],
    [["N1=unix:///x"], '"N1=unix:///x" is not a node'],
    [["a=unix:///x,address=1.2.3.4", "a=unix:///y,address=1.2.3.5"], "there are two nodes a"],
    [["a=unix:///x", "b=unix:///y,address=1.2.3.5"], "node a needs an address that the others reach"],
  ] as const) {
    expect(message(() => readNodes(nodes, {}))).toContain(said);
  }
  expect(message(() => engineAddress("ftp://x", {}))).toContain('"ftp://x" is not an engine\'s address');
  expect(message(() => engineAddress("nonsense", {}))).toContain("is not an engine's address");
  expect(message(() => engineAddress("tcp://x:2376", { DOCKER_CERT_PATH: "/nowhere" }))).toContain(
    "/nowhere/ca.pem (DOCKER_CERT_PATH names the folder)",
  );
  expect(engineAddress("tcp://x", {})).toEqual({ host: "x", port: "2375", protocol: "http" });
  expect(engineAddress("tcp://[fd00::1]:9", {})).toEqual({ host: "fd00::1", port: "9", protocol: "http" });
  expect(engineAddress("unix:///x.sock", {})).toEqual({ socketPath: "/x.sock", protocol: "http" });
});

test.each([
  ["driver failed programming: Bind for 127.0.0.1:49153 failed: port is already allocated", [49153]],
  ["Error starting userland proxy: listen tcp4 172.18.0.1:49160: bind: address already in use", [49160]],
  ["failed to bind host port for 127.0.0.1:49153:172.18.0.2:8080/tcp: address already in use", [49153]],
  ["no such file or directory", undefined],
])("ports that others have are found in %p", (words, ports) => {
  expect(portsInUse(new EngineError(words, 500))).toEqual(ports);
});

const TASK = "9e78f2a4c1b3d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7081920a1b2c3d4";
test.each([
  [`task ${TASK}: already exists`, 500, "leftover"],
  [`failed to create task for container: task ${TASK} already exists: unknown`, 500, "leftover"],
  [
    "failed to create shim task: OCI runtime create failed: container with id exists: abc: unknown",
    500,
    "leftover",
  ],
  ["id already in use", 500, "leftover"],
  ["container 9e78f2a4 is marked for removal and cannot be started", 409, "leftover"],
  ["network tutum.0a1b2c3d not found", 404, "no network"],
  [
    'connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused": unavailable',
    500,
    "trouble",
  ],
  ["transport is closing: unavailable", 500, "trouble"],
  ["error reading from server: EOF: unavailable: unknown", 500, "trouble"],
  ["ttrpc: closed: unknown", 500, "trouble"],
  ["grpc: the client connection is closing: unknown", 500, "trouble"],
  ["context deadline exceeded: unknown", 500, "trouble"],
  ["failed to start shim: start failed: signal: killed: unknown", 500, "trouble"],
  ["driver failed programming: Bind for 127.0.0.1:49153 failed: port is already allocated", 500, "verdict"],
  ["something nobody has seen", 500, "failure"],
  ["service unavailable", 503, "failure"],
  ['exec: "nope": executable file not found in $PATH: unknown', 400, "verdict"],
  // A user's own words are no trouble of the engine's.
  ['exec: "transport is closing: unavailable": executable file not found in $PATH', 400, "verdict"],
  ["No such image: nobody/nothing:1", 404, "verdict"],
  ["connect ECONNREFUSED /run/docker.sock", undefined, "silence"],
] as const)("%s (%s) is %s", (words, status, meaning) => {
  expect(meaningOf(new EngineError(words, status))).toBe(meaning);
});

test("who no longer waits for a turn takes none, and keeps none", async () => {
  const limit = new Limit(1);
  let end = () => {};
  const first = limit.run(() => new Promise<void>(resolve => (end = resolve)));
  const left = new AbortController();
  const second = limit.run(async () => "second", left.signal);
  const third = limit.run(async () => "third", new AbortController().signal);
  left.abort(new Error("nobody wants it"));
  await expect(second).rejects.toThrow("nobody wants it");
  end();
  await first;
  expect(await third).toBe("third");
  expect(await limit.run(async () => "fourth")).toBe("fourth");
  await expect(limit.run(async () => "late", left.signal)).rejects.toThrow("nobody wants it");
});

test("a limit lets so many run at a time, in order, and goes on after a failure", async () => {
  const limit = new Limit(2);
  const ended: number[] = [];
  let running = 0;
  let most = 0;
  const task = (number: number) => async () => {
    most = Math.max(most, ++running);
    await new Promise(resolve => setImmediate(resolve));
    running--;
    ended.push(number);
    if (number === 1) throw new Error("no");
  };
  const all = await Promise.allSettled([0, 1, 2, 3, 4].map(number => limit.run(task(number))));
  expect([most, ended, all.map(({ status }) => status === "fulfilled")]).toEqual([
    2,
    [0, 1, 2, 3, 4],
    [true, false, true, true, true],
  ]);
});

test("what a removed container wrote is kept for five minutes, its end at least", async () => {
  const clock = createManualClock();
  const logs = new KeptLogs(clock);
  logs.keep("a", "first");
  logs.keep("b", `${"x".repeat(300 * 1024)}end`);
  expect([logs.get("a"), logs.get("b").length, logs.get("b").slice(-3)]).toEqual([
    "first",
    256 * 1024,
    "end",
  ]);
  await clock.advance(5 * 60_000);
  expect([logs.get("a"), logs.get("b")]).toEqual(["", ""]);
});

test("with simulated containers nothing of Docker is loaded", () => {
  const program = `
    const { startServer } = require(${JSON.stringify(join(__dirname, "../../../../server"))});
    startServer().then(async server => {
      await server.close();
      console.log(JSON.stringify(Object.keys(require.cache)));
    });`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  const loaded = JSON.parse(stdout || `"${stderr}"`) as string[];
  expect(loaded.length).toBeGreaterThan(100);
  expect(loaded.filter(file => /shlex|backend\/docker|backend\/containers/.test(file))).toEqual([]);
});

function message(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("it did not fail");
}
