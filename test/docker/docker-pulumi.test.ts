/** The real Pulumi CLI against real containers: two linked applications from `up` to `destroy`. */
import { request } from "node:http";
import type { Application, Page } from "../../provider/tutum/client";
import { Stack } from "../engine/stack";
import { atEnd, temporaryFolder } from "../server/harness";
import { buildServer, runServer } from "../server/server-process";
import { until } from "../until";
import { describeEngines } from "./describe-engines";
import { client, containersOn, nodeOptions, visit } from "./docker-server";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";

const CREDENTIALS = { user: "admin", apikey: "secret-key" };
/** Reads its link variables, and fetches from the database what it shows. */
const WEB_COMMAND =
  "sh -c 'wget -q -O /www/db http://$DB_PORT_80_TCP_ADDR:$DB_PORT_80_TCP_PORT/; exec serve'";
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
    const server = client(url, CREDENTIALS);
    const stack = await Stack.create("test/engine/programs/declared");
    atEnd(() => stack.dispose());
    stack.env.TUTUM_BASE_URL = `${url}/api/v1/`;
    stack.env.TUTUM_AUTH = `ApiKey ${CREDENTIALS.user}:${CREDENTIALS.apikey}`;
    const declare = (web: object, db: object = {}) => {
      stack.env.DECLARATIONS = JSON.stringify([
        { name: "db", args: { image: PROBE_IMAGE, ...db } },
        { name: "web", args: { image: PROBE_IMAGE, runCommand: WEB_COMMAND, ...web }, links: ["db"] },
      ]);
    };
    const up = async () => {
      const run = await stack.up();
      if (run.code !== 0) throw new Error(run.output);
      return run.steps;
    };
    const application = async (name: string) => {
      const { objects } = await server.get<Page<Application>>("/api/v1/application/?state=Running");
      const found = objects.find(each => each.name === name) as Application;
      return server.get(found.resource_uri);
    };
    const web = async (index = 0) => server.container(await application("web"), index);

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
    const answers = await Promise.all([0, 1, 2].map(() => ask(proxy, "www.example.com")));
    expect(answers.sort()).toEqual(["200 web-1", "200 web-2", "200 web-3"]);

    declare({ webPublicDns: "shop.example.com" });
    expect(await up()).toEqual(["update web"]);
    expect(await ask(proxy, "shop.example.com")).toBe("200 web-1");
    expect(await ask(proxy, "www.example.com")).toMatch(/^404/);

    declare({ webPublicDns: "shop.example.com" }, { containerEnvvars: { A: "1" } });
    expect((await up()).filter(step => step.startsWith("replace "))).toEqual(["replace db", "replace web"]);
    expect(await visit(machine, await web(), "/db")).toBe("db-2-1");
    await until(async () => (await ask(proxy, "shop.example.com")) === "200 web-2-1");

    declare({ webPublicDns: "shop.example.com", runCommand: "nope" }, { containerEnvvars: { A: "1" } });
    const failed = await stack.up();
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain('exec: "nope": executable file not found');
    expect(await ask(proxy, "shop.example.com")).toBe("200 web-2-1");

    expect((await stack.destroy()).code).toBe(0);
    expect(await containersOn(machine)).toEqual([]);
    process.kill("SIGTERM");
    await process.ended;
    const networks = await machine.call<{ Name: string }[]>("GET", "/networks");
    expect(networks.map(({ Name }) => Name).sort()).toEqual(["bridge", "host", "none"]);
  });
});

/** Status and body of `GET /` with this host. */
function ask(port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, headers: { host }, agent: false }, async answer => {
      const text = (await answer.toArray()).join("");
      resolve(`${answer.statusCode} ${text.trim()}`);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
