import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCredentials } from "../../../provider/tutum/client/credentials";

const FILE = '[auth]\nuser = "fileuser"\napikey = "filekey"\n';

describe("credentials", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tutum-home-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const write = (text: string) => writeFileSync(join(home, ".tutum"), text);
  const warnings: string[] = [];
  const header = (env: NodeJS.ProcessEnv = {}, given: { user?: string; apikey?: string } = {}) =>
    resolveCredentials({ ...given, env, home, warn: message => warnings.push(message) }).authorization;

  test("those given in code win over all", () => {
    write(FILE);
    const env = { TUTUM_AUTH: "ApiKey a:b", TUTUM_USER: "envuser", TUTUM_APIKEY: "envkey" };
    expect(header(env, { user: "me", apikey: "mine" })).toBe("ApiKey me:mine");
  });

  test("TUTUM_AUTH is a whole header and wins over the file", () => {
    write(FILE);
    expect(header({ TUTUM_AUTH: "Basic dTprZXk=" })).toBe("Basic dTprZXk=");
  });

  test("~/.tutum wins over TUTUM_USER and TUTUM_APIKEY", () => {
    write(FILE);
    expect(header({ TUTUM_USER: "envuser", TUTUM_APIKEY: "envkey" })).toBe("ApiKey fileuser:filekey");
  });

  test("user and key are looked up separately", () => {
    write("[auth]\nuser = fileuser\n");
    expect(header({ TUTUM_USER: "envuser", TUTUM_APIKEY: "envkey" })).toBe("ApiKey fileuser:envkey");
  });

  test.each([
    ["double quotes", 'apikey = "k;#%x"'],
    ["single quotes", "apikey = 'k;#%x'"],
    ["a bare value", "apikey = k;#%x"],
    ["no spaces", "apikey=k;#%x"],
    ["a colon", "apikey: k;#%x"],
    ["odd case", "APIKey = k;#%x"],
    ["a comment behind", 'apikey = "k;#%x" ; mine'],
    ["a comment behind a bare value", "apikey = k;#%x # mine"],
    ["Windows line ends", "apikey = k;#%x\r"],
  ])("the file's values are taken literally: %s", (_how, line) => {
    write(`; a comment\n[auth]\nuser = me\n${line}\n# another\n`);
    expect(header()).toBe("ApiKey me:k;#%x");
  });

  test("a file with a key that others can read gets a warning, a private one none", () => {
    write(FILE);
    warnings.length = 0;
    chmodSync(join(home, ".tutum"), 0o600);
    header();
    expect(warnings).toEqual([]);
    chmodSync(join(home, ".tutum"), 0o644);
    header();
    expect(warnings).toEqual([expect.stringContaining("run `chmod 600 ~/.tutum`")]);
  });

  test("without any, the error names every place that was looked at", () => {
    expect(() => header()).toThrow(
      "No Tutum user: looked in the options user and apikey, TUTUM_AUTH, ~/.tutum (no such file), TUTUM_USER and TUTUM_APIKEY.",
    );
    write("[other]\nuser = x\n");
    expect(() => header({ TUTUM_USER: "me" })).toThrow("No Tutum API key: looked in the options");
    expect(() => header()).toThrow("~/.tutum (no section [auth])");
  });

  test("a key with a line break is refused by its source, and not shown", () => {
    const attempt = () => header({ TUTUM_USER: "me", TUTUM_APIKEY: "canary\nX: y" });
    expect(attempt).toThrow("TUTUM_USER and TUTUM_APIKEY hold");
    expect(attempt).not.toThrow("canary");
  });

  test("accounts differ by a hash of the user alone", () => {
    const hash = (auth: string) => resolveCredentials({ env: { TUTUM_AUTH: auth }, home }).userHash;
    expect(hash("ApiKey me:one")).toBe(hash("ApiKey me:two"));
    expect(hash("ApiKey me:one")).toBe(hash(`Basic ${Buffer.from("me:one").toString("base64")}`));
    expect(hash("ApiKey me:one")).not.toBe(hash("ApiKey you:one"));
  });
});
