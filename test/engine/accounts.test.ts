import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningServer, startServer } from "../../server/index";
import { Stack } from "./stack";

jest.setTimeout(120_000);

const KEY = "canary-key-of-staging";

/** The default account on the stack's own server, the account `staging` on another. */
describe("accounts", () => {
  let stack: Stack;
  let staging: RunningServer;
  beforeEach(async () => {
    stack = await Stack.create("test/engine/programs/declared");
    staging = await startServer({ user: "stage", apikey: KEY, times: { start: 20, terminate: 10 } });
  });
  afterEach(async () => {
    await stack.dispose();
    await staging.close();
  });

  const mutations = (server: RunningServer) =>
    server.requests.filter(({ method }) => method !== "GET").map(({ method }) => method);
  const declare = (...accounts: (string | undefined)[]) => {
    stack.env.DECLARATIONS = JSON.stringify(
      accounts.map(account => ({
        name: account ?? "default",
        args: { image: "tutum/hello-world", account },
      })),
    );
  };

  test("each application goes to its account, from stack config, and back from there", async () => {
    await stack.config("--path", "tutum:accounts.staging.endpoint", staging.url);
    await stack.config("--path", "tutum:accounts.staging.user", "stage");
    await stack.config("--path", "--secret", "tutum:accounts.staging.apikey", KEY);
    declare(undefined, "staging");
    const up = await stack.up();
    expect({ code: up.code, output: up.code === 0 ? "" : up.output }).toEqual({ code: 0, output: "" });
    expect([mutations(stack.server), mutations(staging)]).toEqual([["POST"], ["POST"]]);
    expect((await stack.preview()).steps).toEqual([]);
    expect((await stack.refresh()).code).toBe(0);
    expect(stack.stateFile() + up.output).not.toContain(KEY);

    staging.clearRequests();
    expect((await stack.destroy()).code).toBe(0);
    expect([mutations(stack.server), mutations(staging)]).toEqual([["DELETE"], ["DELETE"]]);
  });

  test("a section of ~/.tutum is an account; another account is a replacement", async () => {
    const text = `[auth]\nuser = tester\napikey = ${stack.server.apikey}\n\n[staging]\nuser = stage\napikey = ${KEY}\n`;
    writeFileSync(join(stack.folder, ".tutum"), text, { mode: 0o600 });
    stack.env.TUTUM_AUTH = undefined;
    declare(undefined);
    expect((await stack.up()).code).toBe(0);
    await stack.config("--path", "tutum:accounts.staging.endpoint", staging.url);
    stack.env.DECLARATIONS = JSON.stringify([
      { name: "default", args: { image: "tutum/hello-world", account: "staging" } },
    ]);
    const up = await stack.up();
    expect(up.steps).toEqual(["create-replacement default", "replace default", "delete-replaced default"]);
    expect([mutations(stack.server), mutations(staging)]).toEqual([["DELETE"], ["POST"]]);
  });

  test("an account that is nowhere is an error that says where it may be; the default one's key is never used for it", async () => {
    declare("staging");
    const preview = await stack.preview();
    expect([preview.code, preview.requests]).toEqual([0, []]);
    expect(preview.output).toContain('warning: No Tutum user of account "staging": looked in stack config');
    const { code, output, requests } = await stack.up();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'No Tutum user of account "staging": looked in stack config tutum:accounts.staging, ~/.tutum (no such file).',
    );
    expect(output).toContain("`pulumi config set --path 'tutum:accounts.staging.user' VALUE`");
    expect(requests).toEqual([]);
  });

  test("tutum:accountRequired forbids the default account in the preview", async () => {
    await stack.config("tutum:accountRequired", "true");
    declare(undefined);
    const { code, output } = await stack.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      "account is required: stack config tutum:accountRequired forbids the default account",
    );
  });
});
