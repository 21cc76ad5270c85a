/** Client and commands against the server that is OVH's API on one's own machine, which checks all that OVH checks. */
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Credential, isOvhApiError, OvhClient, rules } from "../../provider/ovh/client";
import { startServer } from "../../server/index";
import { atEnd, temporaryFolder } from "../server/harness";
import { until } from "../until";

const BIN = resolve(__dirname, "../../bin/pulumi-tutum.js");

async function served() {
  const server = await startServer({ with: ["ovh"] });
  atEnd(() => server.close());
  const { environment = {} } = server.guests.ovh ?? {};
  return environment;
}

test("every kind of call passes its signatures: queries and texts of all languages, bodies, none", async () => {
  const ovh = new OvhClient({ env: await served() });
  const zone = "/domain/zone/example.org";
  const target = '"Ré & Co: 日本 <é> a+b%"';
  const record = await ovh.post<{ id: number; target: string }>(`${zone}/record`, {
    fieldType: "TXT",
    subDomain: "www",
    target,
  });
  expect(record.target).toBe(target);
  const query = { fieldType: "TXT", subDomain: "www" };
  await expect(ovh.get(`${zone}/record`, { query })).resolves.toEqual([record.id]);
  await expect(ovh.get(`${zone}/record`, { query: { subDomain: "é x+/%" } })).resolves.toEqual([]);
  await expect(ovh.put(`${zone}/record/${record.id}`, { ttl: 300 })).resolves.toBeNull();
  await expect(ovh.post(`${zone}/refresh`)).resolves.toBeNull();
  await expect(ovh.get(`/v1${zone}/record/${record.id}`)).resolves.toMatchObject({ ttl: 300, target });
  await expect(ovh.delete(`${zone}/record/${record.id}`)).resolves.toBeNull();
  const gone = await ovh.get(`${zone}/record/${record.id}`).catch((error: unknown) => error);
  expect(isOvhApiError(gone, "notFound") && gone.queryId).toMatch(/./);
  await expect(ovh.get<string[]>("/dedicated/server/")).resolves.toHaveLength(3);
});

test("refusals are known by what they mean", async () => {
  const env = await served();
  const kind = async (options: object, path = "/me") => {
    const error = await new OvhClient({ env, ...options }).get(path).catch((thrown: unknown) => thrown);
    return isOvhApiError(error) ? error.kind : error;
  };
  expect(await kind({ applicationSecret: "x".repeat(32) })).toBe("signature");
  expect(await kind({ consumerKey: "x".repeat(32) })).toBe("unknownKey");
  expect(await kind({ applicationKey: "x".repeat(16) })).toBe("invalidApplication");
  expect(await kind({}, "/no/such/path")).toBe("notFound");

  const ovh = new OvhClient({ env });
  const { validationUrl } = await ovh.requestConsumerKey(rules.exactly(["GET"], "/me"));
  expect(await ovh.get("/me").catch((error: unknown) => isOvhApiError(error, "invalidKey"))).toBe(true);
  await fetch(validationUrl, { method: "POST" });
  await expect(ovh.get("/me")).resolves.toHaveProperty("firstname");
  await expect(ovh.get("/me/bill")).rejects.toMatchObject({
    kind: "notGranted",
    method: "GET",
    path: "/me/bill",
  });
});

/** The command as it is typed, in a home of its own. */
function typed(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [BIN, "ovh", ...args], { env, cwd: env.HOME });
  const written = { all: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", data => (written.all += data));
  const ended = new Promise<number | null>(done => child.on("close", done));
  atEnd(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const address = () => until(() => /^ {2}(http\S+)$/m.exec(written.all)?.[1], "an address is shown");
  return { child, written, ended, address };
}

describe("ovh login, as it is typed,", () => {
  const says = (address: string, answer: "yes" | "no") =>
    fetch(address, { method: "POST", body: new URLSearchParams({ answer }) });

  async function begun() {
    const { OVH_CONSUMER_KEY: _, ...environment } = await served();
    return { ...environment, HOME: temporaryFolder() };
  }

  test("ends with a key that works, by itself, and ends it again; none is on the screen", async () => {
    const env = await begun();
    const { address, ended, written } = typed(["login", "--allow", "ro:/me"], env);
    const page = await says(await address(), "yes");
    expect(await page.text()).toContain("Back to pulumi-tutum");
    expect([await ended, written.all]).toEqual([0, expect.stringContaining("It is kept in ~/.ovh.conf")]);
    const file = join(env.HOME, ".ovh.conf");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [, key = ""] = /^consumer_key=(.*)$/m.exec(readFileSync(file, "utf8")) ?? [];
    expect(key).toMatch(/^\w{32}$/);

    const alone = { HOME: env.HOME };
    const ovh = new OvhClient({ env: alone });
    await expect(ovh.get<Credential>("/auth/currentCredential")).resolves.toHaveProperty(
      "status",
      "validated",
    );
    const asked = typed(["whoami"], alone);
    expect([await asked.ended, asked.written.all]).toEqual([
      0,
      expect.stringMatching(/Consumer key: validated.*\nMade:/),
    ]);
    const left = typed(["logout"], alone);
    expect([await left.ended, left.written.all]).toEqual([0, expect.stringContaining("is ended at OVH")]);
    await expect(ovh.get("/me")).rejects.toMatchObject({ kind: "invalidKey" });
    expect(readFileSync(file, "utf8")).not.toContain("consumer_key");
    expect(written.all + asked.written.all + left.written.all).not.toContain(key);
  });

  test("ends when it is refused", async () => {
    const { address, ended, written } = typed(["login", "--allow", "ro:/me"], await begun());
    await says(await address(), "no");
    expect([await ended, written.all]).toEqual([
      1,
      expect.stringContaining("The key was refused in the browser."),
    ]);
  });

  test("ends with Ctrl-C", async () => {
    const { child, address, ended, written } = typed(["login", "--allow", "ro:/me"], await begun());
    await address();
    child.kill("SIGINT");
    expect([await ended, written.all]).toEqual([130, expect.stringContaining("Interrupted.")]);
  });
});
