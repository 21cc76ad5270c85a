import { type Clock, systemClock } from "../../../provider/http/clock";
import { PartialFailure } from "../../../provider/resource/lifecycle/failure";
import type { Values } from "../../../provider/resource/table/field";
import { withoutSecrets } from "../../../provider/resource/table/secrets";
import { TutumClient } from "../../../provider/tutum/client";
import { applicationLifecycle } from "../../../provider/tutum/lifecycle";
import { type RunningServer, startServer } from "../../../server/index";
import { rememberedIntents, silentOperation } from "./operation";

const CANARY = "canary-4711";

/** An argument that passes check, with a secret value that is easily known. */
const SECRETS: Record<string, Values> = {
  adopt: { adopt: CANARY },
  "adopt, a resource URI": { adopt: `/api/v1/application/${CANARY}/` },
  "adopt, with quotes": { adopt: `"${CANARY}"` },
  account: { account: CANARY },
  name: { name: CANARY },
  image: { image: `${CANARY}/hello-world` },
  runCommand: { runCommand: `run ${CANARY}` },
  webPublicDns: { webPublicDns: `${CANARY}.example.com` },
};

const REASON_DEADLINE = 2_000;

/** Pauses are short, deadlines stay: the shortest is that for the reason why an application does not run. */
const HASTY: Clock = {
  ...systemClock,
  sleep: (ms, signal) =>
    systemClock.sleep(ms === REASON_DEADLINE ? 60_000 : ms < 20_000 ? Math.min(ms, 20) : ms, signal),
};
const ID = { identity: "identity" };

describe("a secret argument that passes check", () => {
  let server: RunningServer;
  beforeEach(async () => {
    server = await startServer({ times: { start: 5, stop: 5, scale: 5, terminate: 5, exit: 1 } });
  });
  afterEach(() => server.close());

  /** All that a creation tells: its error, its warnings, its progress, and what check announces. */
  const toldBy = async (given: Values, { identity }: { identity?: string } = ID): Promise<string> => {
    const told: string[] = [];
    const tell = (message?: string) => void told.push(message ?? "");
    const settings: Record<string, string> = {
      "tutum:endpoint": server.url,
      "tutum:user": server.user,
      "tutum:apikey": server.apikey,
      ...(identity !== undefined && { "tutum:owner": identity }),
    };
    const lifecycle = applicationLifecycle({ env: {}, intents: rememberedIntents(), clock: HASTY });
    const open = lifecycle.open(
      key => settings[key],
      () => undefined,
    );
    const operation = { ...silentOperation, warn: tell, report: tell, announce: tell };
    const inputs = {
      image: "tutum/hello-world",
      name: "web",
      resourceHash: "0123456789abcdef",
      secretInputs: Object.keys(given),
      ...given,
    };
    const checked = lifecycle.check(open(operation, inputs), {}, inputs);
    expect(checked.failures).toEqual([]);
    try {
      await lifecycle.create(open(operation, checked.inputs), checked.inputs);
    } catch (error) {
      const { message, stack = "" } = error as Error;
      told.push(message, stack, ...(error instanceof PartialFailure ? error.reasons : []));
    }
    return told.join("\n");
  };

  test.each(Object.entries(SECRETS))("%s: no error, warning or progress shows it", async (_, given) => {
    const expectHidden = async () => {
      const told = await toldBy(given);
      expect(told).not.toContain(CANARY);
      return told;
    };
    await expectHidden();
    server.faults.add({ method: "POST", answer: { status: 400, body: { error: JSON.stringify(given) } } });
    await expectHidden();
    server.faults.clear();
    await server.close();
    expect(await expectHidden()).toMatch(/cannot reach|No Tutum/);
  });

  test("that does not run: its name is in the message, and not told", async () => {
    expect(await toldBy({ name: CANARY, image: "tutum/exits:3" })).toMatch(/Application \*\*\* \(\S+\) is "/);
  });

  const QUOTED = `${CANARY} & "more"\nand a second line`;

  test.each([
    ["as it is", (value: string) => value],
    ["as JSON", (value: string) => JSON.stringify({ value })],
    ["as Go's JSON", (value: string) => JSON.stringify({ value }).replace("&", "\\u0026")],
    ["in a URL", (value: string) => encodeURIComponent(value)],
    ["where the message is cut", (value: string) => "x".repeat(496 - CANARY.length) + value],
    ["cut in the middle", (value: string) => "x".repeat(495) + value],
  ])(
    "a server that quotes an environment variable %s, when it refuses and when it fails",
    async (_, quoted) => {
      const given = { containerEnvvars: { PASSWORD: QUOTED } };
      for (const status of [400, 500]) {
        server.faults.clear();
        // Nobody knows whether a 500 created it: it is looked for, and cannot be found.
        server.faults.add({ method: "GET", path: "/api/v1/application/", answer: { status: 404 } });
        server.faults.add({
          method: "POST",
          answer: { status, body: { error: `bad: ${quoted(QUOTED)}` } },
        });
        const told = await toldBy(given, { identity: undefined });
        expect(told).toContain(`status ${status}`);
        expect(told).not.toMatch(/cana|second line/);
      }
    },
  );

  test("the log of a container that does not run: what its links and its role handed to it", async () => {
    const tutum = new TutumClient({ endpoint: server.url, user: server.user, apikey: server.apikey });
    const db = await tutum.applications.create({
      image: "tutum/mysql",
      name: "db",
      container_ports: [{ protocol: "tcp", inner_port: 3306 }],
      container_envvars: [{ key: "MYSQL_PASS", value: CANARY }],
    });
    await tutum.waitFor(db, ["Running"]);
    server.faults.add({
      path: "/api/v1/container/*/logs/",
      answer: { status: 200, body: { logs: `pass ${CANARY}\nkey ${server.apikey}\n` } },
    });
    const links = [{ application: db.uuid, name: "db" }];
    const told = await toldBy({ linkedToApplication: links, roles: ["global"], image: "tutum/exits:3" });
    expect(told).toContain("  | pass ***\n  | key ***");
    expect(told).not.toContain(server.apikey);
  });

  test("of an adopted application that differs, neither value", async () => {
    await toldBy({ name: "other", image: "tutum/mysql" });
    const told = await toldBy({ name: CANARY, adopt: "other" });
    expect(told).toContain("is not as declared");
    expect(told).not.toContain(CANARY);
  });
});

test("a very short secret is hidden where it stands as a word", () => {
  const hide = withoutSecrets({ account: "eu", secretInputs: ["account"] });
  expect(hide('No Tutum user of account "eu": looked in tutum:accounts.eu, neutral')).toBe(
    'No Tutum user of account "***": looked in tutum:accounts.***, neutral',
  );
});
