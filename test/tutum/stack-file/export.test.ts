import { ApplicationStack } from "../../../provider/index";
import type { ApplicationCreate } from "../../../provider/tutum/client";
import { TutumClient } from "../../../provider/tutum/client";
import { exportApplications } from "../../../provider/tutum/commands/export";
import { declarationsOf } from "../../../provider/tutum/stack-file/live-applications";
import { stackOf } from "../../../provider/tutum/stack-file/read-stack-file";
import { type RunningServer, startServer } from "../../../server/index";
import { output, terminal } from "./command";
import { declaredBy } from "./declared";

const VALUE = "canary $HOME: 'a' \"b\"\n# $(c)";

describe("export", () => {
  let server: RunningServer;
  let client: TutumClient;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    server = await startServer({ times: { start: 1, stop: 1, scale: 1, terminate: 1, exit: 1 } });
    const { url, user, apikey } = server;
    client = new TutumClient({ endpoint: url, user, apikey, env: {} });
    env = { TUTUM_BASE_URL: url, TUTUM_AUTH: `ApiKey ${user}:${apikey}` };
  });
  afterEach(() => server.close());

  const created = async (body: ApplicationCreate) =>
    client.waitFor(await client.applications.create(body), ["Running"]);

  async function stack() {
    const outside = await created({ image: "tutum/redis", name: "cache" });
    const db = await created({
      image: "tutum/mysql",
      name: "db",
      container_size: "L",
      container_envvars: [
        { key: "PASS", value: VALUE },
        { key: "NULL", value: "null" },
        { key: "EMPTY", value: "" },
      ],
    });
    const second = await created({
      image: "tutum/mysql",
      name: "db",
      run_command: "serve $x",
      autodestroy: "ALWAYS",
    });
    const web = await created({
      image: "tutum/wordpress:4",
      name: "web",
      target_num_containers: 3,
      container_ports: [
        { inner_port: 80, protocol: "tcp" },
        { inner_port: 53, protocol: "udp" },
      ],
      linked_to_application: [
        { to_application: db.resource_uri, name: "store" },
        { to_application: second.resource_uri, name: "db" },
        { to_application: outside.resource_uri, name: "redis" },
      ],
      autorestart: "ON_FAILURE",
      autoreplace: "ALWAYS",
      roles: ["global"],
      web_public_dns: "shop.example.com",
    });
    await client.waitFor(await client.applications.stop(web.uuid), ["Stopped"]);
    return Promise.all([db, second, web].map(({ uuid }) => client.applications.get(uuid)));
  }

  test("a stack file reads back to what is there; values only with --values", async () => {
    const applications = await stack();
    const references = applications.map(({ uuid }) => uuid);
    const { text, said } = await output(exportApplications, references, env);
    const open = await output(exportApplications, [...references, "--values"], env);
    expect(text + said).not.toContain("canary");
    expect(said.trim().split("\n")).toEqual([
      "Set the environment variable DB_PASS.",
      "Set the environment variable DB_NULL.",
      "Set the environment variable DB_EMPTY.",
    ]);
    const values = { DB_PASS: VALUE, DB_NULL: "null", DB_EMPTY: "" };
    const reading = { file: "tutum.yml", readText: () => undefined };
    const live = declarationsOf(applications, { values: true, adopt: false });
    const expected = await declaredBy(
      () => new ApplicationStack("shop", { applications: live as Record<string, never> }),
    );
    expect(Object.keys(expected).sort()).toEqual(["shop-db", "shop-db-2", "shop-web"]);
    for (const [yaml, env] of [
      [text, values],
      [open.text, {}],
    ] as const) {
      const { applications, warnings } = stackOf(yaml, { ...reading, env });
      expect(warnings).toEqual([]);
      const read = await declaredBy(() => new ApplicationStack("shop", { applications }));
      // Passwords from a file are secrets; those that the server told are marked by nobody.
      for (const args of Object.values(read)) delete (args as { secretInputs?: unknown }).secretInputs;
      expect(read).toEqual(expected);
    }
  });

  test("two values never share a variable of the stack file, however alike their names are", async () => {
    const container_envvars = (...names: string[]) => names.map(key => ({ key, value: key }));
    const applications = [
      await created({ image: "a/b", name: "web-db", container_envvars: container_envvars("PASS") }),
      await created({
        ...{ image: "a/b", name: "web" },
        container_envvars: container_envvars("DB_PASS", "http_proxy", "HTTP_PROXY"),
      }),
    ];
    const { text, said } = await output(
      exportApplications,
      applications.map(({ uuid }) => uuid),
      env,
    );
    const variables = [...text.matchAll(/\$\{(.*)\}/g)].map(([, variable]) => variable);
    expect(variables).toEqual(["WEB_DB_PASS", "WEB_DB_PASS_2", "WEB_HTTP_PROXY", "WEB_HTTP_PROXY_2"]);
    expect(said.match(/\w+(?=\.$)/gm)).toEqual(variables);
  });

  test("all applications are written when none is named, but for those that are gone", async () => {
    const gone = await created({ image: "tutum/redis", name: "gone" });
    await created({ image: "tutum/hello-world", name: "web" });
    await client.waitFor(await client.applications.terminate(gone.uuid), ["Terminated"]);
    const { text } = await output(exportApplications, [], env);
    expect(text).toBe('web:\n  image: tutum/hello-world:latest\n  command: /run.sh\n  ports:\n    - "80"\n');
  });

  test("a name that several have is an error that lists them; what is gone does not count", async () => {
    const run = (...args: string[]) => output(exportApplications, args, env);
    const ids: string[] = [];
    for (const key of ["TUTUM_PULUMI_OWNER", "MODE", "MODE"]) {
      const container_envvars = [{ key, value: "x" }];
      ids.push((await created({ image: "tutum/mysql", name: "db", container_envvars })).uuid);
    }
    const [first, second, third] = ids as [string, string, string];
    await created({ image: "a/web", name: "web", linked_to_application: [`/api/v1/application/${third}/`] });
    // As after a replacement: nobody has the name alone as its unique name.
    await client.waitFor(await client.applications.terminate(first), ["Terminated"]);
    const fourth = (
      await created({
        image: "tutum/mysql",
        name: "db",
        container_envvars: [{ key: "TUTUM_PULUMI_OWNER", value: "x" }],
      })
    ).uuid;
    await client.waitFor(await client.applications.terminate(second), ["Terminated"]);
    const error = await run("db").then(String, (error: Error) => error.message);
    expect(error.replaceAll(/\w{3}, \d+ \w{3} [^,]*/g, "TIME").split("\n")).toEqual([
      '"db" names more than one application:',
      `  db-3  ${third}  Running, tutum/mysql:latest, since TIME, of no Pulumi stack, linked from 1`,
      expect.stringMatching(
        `^  db(-4)?  ${fourth}  Running, tutum/mysql:latest, since TIME, of a Pulumi stack$`,
      ),
      expect.stringContaining("Say which by its unique name or uuid: pulumi-tutum export db-3."),
    ]);
    expect((await run("db-3")).text).toContain("image: tutum/mysql");
    await client.waitFor(await client.applications.terminate(fourth), ["Terminated"]);
    expect((await run("db")).text).toContain("image: tutum/mysql");
  });

  test("what is not there, and an empty account, are errors", async () => {
    const run = (...args: string[]) => exportApplications.run(args, terminal(env).terminal);
    await expect(run()).rejects.toThrow("The account has no applications.");
    await expect(run("nobody")).rejects.toThrow(
      'There is no application with the name, unique name or uuid "nobody".',
    );
    await expect(run("--format", "json")).rejects.toThrow(
      '--format must be stack-file or typescript, not "json".',
    );
  });
});
