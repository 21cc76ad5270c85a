import { PartialFailure } from "../../provider/resource/lifecycle/failure";
import type { Values } from "../../provider/resource/table/field";
import { withoutSecrets } from "../../provider/resource/table/secrets";
import { applicationLifecycle } from "../../provider/tutum/lifecycle";
import { type RunningServer, startServer } from "../../server/index";
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

describe("a secret argument that passes check", () => {
  let server: RunningServer;
  beforeEach(async () => {
    server = await startServer({ times: { start: 5, stop: 5, scale: 5, terminate: 5, exit: 1 } });
  });
  afterEach(() => server.close());

  /** All that a creation tells: its error, its warnings, its progress, and what check announces. */
  const toldBy = async (given: Values): Promise<string> => {
    const told: string[] = [];
    const tell = (message?: string) => void told.push(message ?? "");
    const settings: Record<string, string> = {
      "tutum:endpoint": server.url,
      "tutum:user": server.user,
      "tutum:apikey": server.apikey,
      "tutum:owner": "identity",
    };
    const lifecycle = applicationLifecycle({ env: {}, intents: rememberedIntents() });
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
