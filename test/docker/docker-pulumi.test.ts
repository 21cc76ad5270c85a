/** The real Pulumi CLI against real containers: two linked applications from `up` to `destroy`. */
import { temporaryFolder } from "../server/harness";
import { buildServer, runServer } from "../server/server-process";
import { ask } from "../server/tutum/proxy/proxied";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { type Container, client, containersOn, nodeOptions, visit } from "./docker-server";
import { Engines, type Machine } from "./engines";
import { linkedStack } from "./linked-stack";

const CREDENTIALS = { user: "admin", apikey: "secret-key" };
const PROXY_PORT = 8099;

describeEngines("pulumi on a Docker Engine", () => {
  let engines: Engines;
  let machine: Machine;

  beforeAll(async () => {
    buildServer();
    engines = await Engines.start();
    machine = engines.machines[0] as Machine;
  });
  afterAll(() => engines?.close());

  test("two linked applications are brought up, scaled, named, replaced and destroyed", async () => {
    const node = nodeOptions(engines)[0] as string;
    const options = ["--backend", "docker", "--node", node, "--proxy-port", `${PROXY_PORT}`];
    const process = runServer(temporaryFolder(), machine.inside.enter, options);
    const { port } = new URL(await process.ready);
    const url = `http://127.0.0.1:${await machine.inside.forward("127.0.0.1", Number(port))}`;
    const { stack, declare, up, containersOf } = await linkedStack(
      url,
      CREDENTIALS,
      client(url, CREDENTIALS),
    );
    const web = async (index = 0) => (await containersOf("web"))[index] as Container;

    declare({});
    expect(await up()).toEqual(["create db", "create web"]);
    expect(await visit(machine, await web(), "/db")).toBe("db-1");

    expect((await stack.preview("--expect-no-changes")).code).toBe(0);
    expect((await stack.refresh("--expect-no-changes")).code).toBe(0);

    declare({ targetNumContainers: 3, webPublicDns: "www.example.com" });
    expect(await up()).toEqual(["update web"]);
    const served = await Promise.all([0, 1, 2].map(async index => visit(machine, await web(index))));
    expect(served).toEqual(["web-1", "web-2", "web-3"]);
    const proxy = await machine.inside.forward("127.0.0.1", PROXY_PORT);
    const answered = async (host: string) => {
      const { status, text } = await ask(proxy, host);
      return `${status} ${text.trim()}`;
    };
    const answers = await Promise.all([0, 1, 2].map(() => answered("www.example.com")));
    expect(answers.sort()).toEqual(["200 web-1", "200 web-2", "200 web-3"]);

    declare({ webPublicDns: "shop.example.com" });
    expect(await up()).toEqual(["update web"]);
    expect(await answered("shop.example.com")).toBe("200 web-1");
    expect(await answered("www.example.com")).toMatch(/^404/);

    declare({ webPublicDns: "shop.example.com" }, { containerEnvvars: { A: "1" } });
    expect((await up()).filter(step => step.startsWith("replace "))).toEqual(["replace db", "replace web"]);
    expect(await visit(machine, await web(), "/db")).toBe("db-2-1");
    await until(async () => (await answered("shop.example.com")) === "200 web-2-1");

    declare({ webPublicDns: "shop.example.com", runCommand: "nope" }, { containerEnvvars: { A: "1" } });
    const failed = await stack.up();
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain('exec: "nope": executable file not found');
    expect(await answered("shop.example.com")).toBe("200 web-2-1");

    expect((await stack.destroy()).code).toBe(0);
    expect(await containersOn(machine)).toEqual([]);
    process.kill("SIGTERM");
    await process.ended;
    const networks = await machine.call<{ Name: string }[]>("GET", "/networks");
    expect(networks.map(({ Name }) => Name).sort()).toEqual(["bridge", "host", "none"]);
  }, 240_000);
});
