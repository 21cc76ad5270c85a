import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { systemClock } from "../../../provider/http/clock";
import { ovh } from "../../../provider/ovh/commands";
import { inUserFile } from "../../../provider/ovh/commands/keeping";
import { login } from "../../../provider/ovh/commands/login";
import { keptTerminal } from "../../commands/terminal";
import { APPLICATION, type Behaviour, CONSUMER_KEY, madeUpOvh, NEW_KEY } from "../client/made-up-ovh";

type Server = Awaited<ReturnType<typeof madeUpOvh>>;

const CREDENTIAL = {
  credentialId: 42,
  applicationId: 7,
  status: "validated",
  rules: [
    { method: "GET", path: "/me/*" },
    { method: "PUT", path: "/me/*" },
    { method: "GET", path: "/auth/currentCredential" },
  ],
  creation: "2026-11-01T10:00:00+01:00",
  expiration: "2026-12-01T10:00:00+01:00",
  lastUse: null,
  allowedIPs: ["192.0.2.0/24"],
  ovhSupport: false,
};

let home: string;
const servers: Server[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "pulumi-tutum-login-"));
});
afterEach(async () => {
  rmSync(home, { recursive: true });
  for (const server of servers.splice(0)) await server.close();
});

const file = () => join(home, ".ovh.conf");
const polled = "/1.0/auth/currentCredential";

/** With the application in the environment, as one that begins has it. */
async function begun(behaviour: Behaviour = {}, env: NodeJS.ProcessEnv = {}) {
  const server = await madeUpOvh({
    answer: ({ url }) =>
      url === polled
        ? { body: CREDENTIAL }
        : url === "/1.0/me/api/application/7"
          ? { body: { name: "my-app" } }
          : undefined,
    keys: new Set(),
    ...behaviour,
  });
  servers.push(server);
  const { terminal, written } = keptTerminal({
    HOME: home,
    PATH: process.env.PATH,
    OVH_ENDPOINT: server.endpoint,
    OVH_APPLICATION_KEY: APPLICATION.applicationKey,
    OVH_APPLICATION_SECRET: APPLICATION.applicationSecret,
    ...env,
  });
  const run = (...args: string[]) => ovh.run(args, terminal);
  return { server, terminal, written, run };
}

/** A clock by which nobody waits. */
function hurriedClock() {
  let waited = 0;
  return {
    ...systemClock,
    now: () => waited,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await turn();
      signal?.throwIfAborted();
      waited += ms;
    },
  };
}

/** `login` by that clock. */
async function logIn(
  behaviour: Behaviour,
  { signal = new AbortController().signal, wait = 15 }: { signal?: AbortSignal; wait?: number } = {},
) {
  const { server, terminal, written } = await begun(behaviour);
  const { env } = terminal;
  const asked = { keeping: inUserFile(env), sources: { env }, allow: ["ro:/me"], ips: [], wait };
  const ended = login(asked, terminal, signal, hurriedClock());
  return { server, written, ended };
}

const noSecret = ({ out, err }: { out: string; err: string }) => {
  for (const secret of [NEW_KEY, CONSUMER_KEY, APPLICATION.applicationSecret])
    expect(out + err).not.toContain(secret);
};

describe("ovh login", () => {
  test("shows rules and address, waits for the yes, and keeps keys that work in a file of the user alone", async () => {
    const keys = new Set<string>();
    const { server, written, ended } = await logIn({
      keys,
      see: ({ url }, before) => {
        if (url === polled && before === 3) keys.add(NEW_KEY);
      },
    });
    await expect(ended).resolves.toBe(0);
    expect(written.out).toContain(
      "  GET  /me\n  GET  /me/*\n  GET  /auth/currentCredential\n  POST  /auth/logout\n",
    );
    expect(written.out).toContain(`\n\n  ${server.url}/auth/?credentialToken=t\n\n`);
    expect(written.out).toContain(
      `The key is valid, until 2026-12-01T10:00:00+01:00.\nIt is kept in ~/.ovh.conf, section [${server.endpoint}].\n`,
    );
    expect(server.calls().filter(call => call === "GET /auth/currentCredential")).toHaveLength(4);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file(), "utf8")).toBe(
      `[default]\nendpoint=${server.endpoint}\n\n[${server.endpoint}]\napplication_key=${APPLICATION.applicationKey}\n` +
        `application_secret=${APPLICATION.applicationSecret}\nconsumer_key=${NEW_KEY}\n`,
    );
    noSecret(written);
    const later = keptTerminal({ HOME: home });
    await expect(ovh.run(["whoami"], later.terminal)).resolves.toBe(0);
  });

  test("keeps what else is in the file", async () => {
    writeFileSync(file(), "# mine\n[default]\nendpoint = ovh-ca\n\n[ovh-ca]\nconsumer_key = ca\n");
    chmodSync(file(), 0o644);
    const { server, run } = await begun({ keys: new Set([NEW_KEY]) });
    await expect(run("login", "--allow", "GET:/me")).resolves.toBe(0);
    expect(readFileSync(file(), "utf8")).toBe(
      `# mine\n[default]\nendpoint = ovh-ca\n\n[ovh-ca]\nconsumer_key = ca\n\n[${server.endpoint}]\n` +
        `application_key=${APPLICATION.applicationKey}\napplication_secret=${APPLICATION.applicationSecret}\nconsumer_key=${NEW_KEY}\n`,
    );
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test("requests the rules as they are typed, once each, for the networks that are named", async () => {
    const { server, run } = await begun({ keys: new Set([NEW_KEY]) });
    const allow = ["rw:/domain/zone/example.org", "safe:/sms/*", "GET,POST:/me", "ro:/"];
    await run(
      "login",
      ...allow.flatMap(rule => ["--allow", rule]),
      "--ip",
      "192.0.2.0/24",
      "--redirect",
      "https://a.example/",
    );
    const [{ body } = { body: "" }] = server.received;
    const { accessRules, redirection, allowedIPs } = JSON.parse(body);
    expect(accessRules.map(({ method, path }: Record<string, string>) => `${method} ${path}`)).toEqual([
      ...["GET", "POST", "PUT", "DELETE"].map(method => `${method} /domain/zone/example.org`),
      ...["GET", "POST", "PUT", "DELETE"].map(method => `${method} /domain/zone/example.org/*`),
      ...["GET", "POST", "PUT"].map(method => `${method} /sms`),
      ...["GET", "POST", "PUT"].map(method => `${method} /sms/*`),
      ...["GET /me", "POST /me", "GET /*", "POST /auth/logout"],
    ]);
    expect([redirection, allowedIPs]).toEqual(["https://a.example/", ["192.0.2.0/24"]]);
  });

  test("ends when the browser comes back and the key still is not valid: it was refused", async () => {
    const { written, ended } = await logIn({
      see: async ({ url, body }) => {
        if (url === "/1.0/auth/credential") await fetch(JSON.parse(body).redirection);
      },
    });
    await expect(ended).rejects.toThrow("The key was refused in the browser. Nothing was kept.");
    expect(() => statSync(file())).toThrow("ENOENT");
    noSecret(written);
  });

  test("gives OVH a moment to agree when the browser comes back", async () => {
    const keys = new Set<string>();
    const { ended } = await logIn({
      keys,
      see: async ({ url, body }, before) => {
        if (url === "/1.0/auth/credential") await fetch(JSON.parse(body).redirection);
        if (url === polled && before === 2) keys.add(NEW_KEY);
      },
    });
    await expect(ended).resolves.toBe(0);
  });

  test("requests without the way back where OVH does not take it", async () => {
    let requests = 0;
    const { server, run } = await begun({
      keys: new Set([NEW_KEY]),
      unsigned: ({ url, body }) => {
        if (url !== "/1.0/auth/credential") return undefined;
        requests++;
        return JSON.parse(body).redirection === undefined
          ? undefined
          : { status: 400, body: { message: "[redirection] is not valid" } };
      },
    });
    await expect(run("login", "--allow", "ro:/me")).resolves.toBe(0);
    expect([requests, server.calls()[0]]).toEqual([2, "POST /auth/credential"]);
  });

  test.each([
    ["This credential was refused", "The key was refused. Nothing was kept"],
    ["This credential has expired", "The key has expired before anybody validated it. Nothing was kept"],
  ])("ends at once when the server says: %s", async (message, words) => {
    const { server, ended } = await logIn({
      keys: new Set([NEW_KEY]),
      answer: () => ({ status: 403, body: { errorCode: "INVALID_CREDENTIAL", message } }),
    });
    await expect(ended).rejects.toThrow(words);
    expect(server.calls().at(-1)).toBe("GET /auth/currentCredential");
  });

  test.each([
    ["refused", "The key was refused."],
    ["expired", "The key has expired before anybody validated it."],
  ])("ends at once when the key's status is %s", async (status, words) => {
    const { ended } = await logIn({
      keys: new Set([NEW_KEY]),
      answer: () => ({ body: { ...CREDENTIAL, status } }),
    });
    await expect(ended).rejects.toThrow(words);
  });

  test("ends at once when the key is gone", async () => {
    const answer = () => ({
      status: 403,
      body: { errorCode: "NOT_CREDENTIAL", message: "This credential does not exist" },
    });
    const { ended } = await logIn({ keys: new Set([NEW_KEY]), answer });
    await expect(ended).rejects.toThrow("The key has expired before anybody validated it.");
  });

  test("ends when nobody says yes in time", async () => {
    const { ended, written } = await logIn({}, { wait: 2 });
    await expect(ended).rejects.toThrow(
      "The key was not validated within 2 minutes: nobody said yes in the browser, or it was refused there. Nothing was kept.",
    );
    noSecret(written);
  });

  test("goes on waiting through failures of the server", async () => {
    const { ended } = await logIn({
      keys: new Set([NEW_KEY]),
      answer: (_request, before) => (before < 5 ? { status: 503, text: "" } : { body: CREDENTIAL }),
    });
    await expect(ended).resolves.toBe(0);
  });

  test("ends with an interrupt: nothing is kept", async () => {
    const interrupted = new AbortController();
    const { ended, written } = await logIn(
      {
        see: ({ url }, before) =>
          url === polled && before === 1 && interrupted.abort(new Error("interrupted")),
      },
      { signal: interrupted.signal },
    );
    await expect(ended).resolves.toBe(130);
    expect(written.err).toContain("Interrupted.");
    expect(() => statSync(file())).toThrow("ENOENT");
  });

  test("tells of a key that was there before, and of one that comes before the new one", async () => {
    const { run, written } = await begun({ keys: new Set([NEW_KEY]) }, { OVH_CONSUMER_KEY: CONSUMER_KEY });
    await expect(run("login", "--allow", "ro:/me")).resolves.toBe(0);
    expect(written.err).toBe(
      "The key that was in OVH_CONSUMER_KEY stays valid until it expires at OVH.\n" +
        "OVH_CONSUMER_KEY has another key, which comes first: take it out there.\n",
    );
    noSecret(written);
  });

  test.each([
    [[], "Say what the key is for: --allow rw:/domain/zone/example.org"],
    [["--allow", "/me"], '--allow must be like rw:/domain/zone/example.org or GET,PUT:/me, not "/me"'],
    [["--allow", "rx:/me"], "--allow must be"],
    [["--allow", "toString:/me"], "--allow must be"],
    [["--allow", "GET:me"], "--allow must be"],
    [["--allow", "ro:/me", "--wait", "soon"], '--wait must be a number of minutes, not "soon"'],
    [["--allow", "ro:/me", "--stack", "dev"], "--stack names the stack of --config"],
    [["--nonsense"], "Unknown option '--nonsense'"],
  ])("%j is a command line that makes no sense", async (args, words) => {
    const { server, run } = await begun();
    await expect(run("login", ...args)).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringContaining(words),
    });
    expect(server.received).toEqual([]);
  });

  test("without an application says where one is made, and asks nobody", async () => {
    const { run, server } = await begun(
      {},
      { OVH_ENDPOINT: "ovh-eu", OVH_APPLICATION_KEY: "", OVH_APPLICATION_SECRET: "" },
    );
    await expect(run("login", "--allow", "ro:/me")).rejects.toThrow(
      "make them at https://eu.api.ovh.com/createApp/",
    );
    expect(server.received).toEqual([]);
  });

  test("of an OAuth2 client says that it has no such keys", async () => {
    const { run } = await begun(
      {},
      {
        OVH_ENDPOINT: "ovh-eu",
        OVH_APPLICATION_KEY: "",
        OVH_APPLICATION_SECRET: "",
        OVH_CLIENT_ID: "i",
        OVH_CLIENT_SECRET: "s",
      },
    );
    await expect(run("login", "--allow", "ro:/me")).rejects.toThrow("it has no consumer keys");
    await expect(run("logout")).rejects.toThrow("it has no consumer key to end");
  });
});

describe("ovh whoami", () => {
  test("says whose keys are in force, what they may do and until when, and shows no secret", async () => {
    const { server, run, written } = await begun(
      { keys: new Set([CONSUMER_KEY]) },
      { OVH_CONSUMER_KEY: CONSUMER_KEY },
    );
    await expect(run("whoami")).resolves.toBe(0);
    expect(written.out).toBe(`Endpoint:     ${server.endpoint}
Application:  my-app, ${APPLICATION.applicationKey}, from OVH_APPLICATION_KEY
Consumer key: validated, number 42, from OVH_CONSUMER_KEY
Made:         2026-11-01T10:00:00+01:00
Expires:      2026-12-01T10:00:00+01:00
Last used:    never
Networks:     192.0.2.0/24
Rules:
  GET PUT  /me/*
  GET  /auth/currentCredential
`);
    noSecret(written);
  });

  test("of a key that may not be asked about says that it is valid", async () => {
    const answer = () => ({
      status: 403,
      body: { errorCode: "NOT_GRANTED_CALL", message: "This call has not been granted" },
    });
    const { run, written } = await begun(
      { keys: new Set([CONSUMER_KEY]), answer },
      { OVH_CONSUMER_KEY: CONSUMER_KEY },
    );
    await expect(run("whoami")).resolves.toBe(0);
    expect(written.out).toContain(
      "Consumer key: valid, from OVH_CONSUMER_KEY. It has no rule for GET /auth/currentCredential",
    );
  });

  test("of a key that is not valid any more says so", async () => {
    const { run } = await begun({}, { OVH_CONSUMER_KEY: CONSUMER_KEY });
    await expect(run("whoami")).rejects.toThrow("has expired or was logged out");
  });
});

describe("ovh logout", () => {
  test("ends the key and takes it out of the file, with nothing else", async () => {
    const { server, run, written } = await begun({ keys: new Set([CONSUMER_KEY]) });
    writeFileSync(file(), `[${server.endpoint}]\napplication_key=a\n; mine\nconsumer_key=${CONSUMER_KEY}\n`, {
      mode: 0o600,
    });
    await expect(run("logout")).resolves.toBe(0);
    expect(server.calls().at(-1)).toBe("POST /auth/logout");
    expect(readFileSync(file(), "utf8")).toBe(`[${server.endpoint}]\napplication_key=a\n; mine\n`);
    expect(written.out).toContain(`It is taken out of ~/.ovh.conf, section [${server.endpoint}].`);
    noSecret(written);
  });

  test("takes a key out that was not valid any more", async () => {
    const { server, run, written } = await begun();
    writeFileSync(file(), `[${server.endpoint}]\nconsumer_key=${CONSUMER_KEY}\n`, { mode: 0o600 });
    await expect(run("logout")).resolves.toBe(0);
    expect(written.out).toContain("The consumer key was not valid any more.");
    expect(readFileSync(file(), "utf8")).not.toContain("consumer_key");
  });

  test("says where else the key is", async () => {
    const { run, written } = await begun(
      { keys: new Set([CONSUMER_KEY]) },
      { OVH_CONSUMER_KEY: CONSUMER_KEY },
    );
    await expect(run("logout")).resolves.toBe(0);
    expect(written.err).toBe("It is still in OVH_CONSUMER_KEY: take it out there.\n");
  });

  test("without a key says where it looked", async () => {
    const { run } = await begun();
    await expect(run("logout")).rejects.toThrow("No consumer key for");
  });
});

describe("with --config", () => {
  /** In the place of Pulumi's command: keeps the configuration in a file, and what it was called with. */
  function pulumi(): NodeJS.ProcessEnv {
    const script = `#!${process.execPath}
const fs = require("node:fs");
const [, , command, action, ...rest] = process.argv;
const file = ${JSON.stringify(join(home, "config.json"))};
const config = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
fs.appendFileSync(${JSON.stringify(join(home, "calls"))}, process.argv.slice(2).join(" ") + "\\n");
if (rest.includes("broken") || action === "broken") { console.error("error: no stack"); process.exit(255); }
const secret = rest.includes("--secret");
const key = rest.find(word => word.startsWith("ovh:"));
if (action === "set") config[key] = { value: fs.readFileSync(0, "utf8"), secret };
else if (action === "rm") delete config[key];
else console.log(JSON.stringify(config));
fs.writeFileSync(file, JSON.stringify(config));
`;
    writeFileSync(join(home, "pulumi"), script, { mode: 0o755 });
    return { PATH: home };
  }
  const config = () => JSON.parse(readFileSync(join(home, "config.json"), "utf8"));
  const calls = () => readFileSync(join(home, "calls"), "utf8");

  test("keys are kept in the stack's configuration, found there, and taken out again; no argument has one", async () => {
    const keys = new Set([NEW_KEY]);
    const { server, run, written } = await begun({ keys }, pulumi());
    await expect(run("login", "--allow", "ro:/me", "--config", "--stack", "dev")).resolves.toBe(0);
    expect(config()).toEqual({
      "ovh:endpoint": { value: server.endpoint, secret: false },
      "ovh:applicationKey": { value: APPLICATION.applicationKey, secret: false },
      "ovh:applicationSecret": { value: APPLICATION.applicationSecret, secret: true },
      "ovh:consumerKey": { value: NEW_KEY, secret: true },
    });
    expect(calls()).toContain("config set --secret ovh:consumerKey --stack dev --non-interactive\n");
    expect(written.out).toContain("It is kept in the configuration of stack dev.");
    expect(() => statSync(file())).toThrow("ENOENT");

    const later = keptTerminal({ HOME: home, PATH: home });
    await expect(ovh.run(["whoami", "--config"], later.terminal)).resolves.toBe(0);
    expect(later.written.out).toContain("Consumer key: validated, number 42, from stack config ovh:*");
    await expect(ovh.run(["logout", "--config"], later.terminal)).resolves.toBe(0);
    expect(later.written.out).toContain("It is taken out of the configuration of the selected stack.");
    expect(config()).not.toHaveProperty(["ovh:consumerKey"]);
    noSecret({ out: written.out + later.written.out + calls(), err: written.err + later.written.err });
  });

  test("a stack that is not there is known before anybody is asked for a key", async () => {
    const { server, run } = await begun({}, pulumi());
    await expect(run("login", "--allow", "ro:/me", "--config", "--stack", "broken")).rejects.toThrow(
      "`pulumi config --show-secrets --json --stack broken` failed: no stack",
    );
    expect(server.received).toEqual([]);
  });

  test("without Pulumi's command says so", async () => {
    const { run } = await begun({}, { PATH: home });
    await expect(run("whoami", "--config")).rejects.toThrow("there is no pulumi on the PATH");
  });
});

test("ovh without one of its commands says which there are", async () => {
  const { run } = await begun();
  await expect(run()).rejects.toThrow("Say which: login, whoami or logout.");
  await expect(run("logn")).rejects.toThrow('There is no command ovh "logn".');
});
