import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOvhConfigError, OVH_ENDPOINTS } from "../../../provider/ovh/client";
import { type OvhSources, resolveConfiguration } from "../../../provider/ovh/client/configuration";
import { endpointOf, pathOn } from "../../../provider/ovh/client/endpoints";

const keys = (name: string) =>
  `[ovh-eu]\napplication_key=${name}\napplication_secret=${name}\nconsumer_key=${name}\n`;

describe("the configuration", () => {
  const warnings: string[] = [];
  let folder: string;
  beforeEach(() => {
    warnings.length = 0;
    folder = mkdtempSync(join(tmpdir(), "pulumi-tutum-ovh-"));
    for (const name of ["cwd", "home", "system"]) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, text: string) => writeFileSync(join(folder, path), text, { mode: 0o600 });
  const found = (sources: OvhSources = {}) =>
    resolveConfiguration(
      { endpoint: "ovh-eu", env: {}, warn: message => warnings.push(message), ...sources },
      { cwd: join(folder, "cwd"), home: join(folder, "home"), system: join(folder, "system") },
    );
  const three = (sources: OvhSources = {}) => {
    const configuration = found(sources);
    if (!("application" in configuration)) throw new Error("OAuth2");
    const { application, consumerKey } = configuration;
    return [application.key, application.secret, consumerKey?.value];
  };
  const refusal = (sources: OvhSources = {}) => {
    try {
      found(sources);
    } catch (error) {
      if (isOvhConfigError(error)) return error;
      throw error;
    }
    throw new Error("nothing was refused");
  };

  // The cases of python-ovh's test.
  test("is merged from the files key by key", () => {
    write("system/ovh.conf", keys("system"));
    write("home/.ovh.conf", "[ovh-eu]\napplication_secret=user\nconsumer_key=user\n");
    write("cwd/ovh.conf", "[ovh-eu]\nconsumer_key=local\n");
    expect(three()).toEqual(["system", "user", "local"]);
  });

  test("is of a file that is named before the others", () => {
    write("home/.ovh.conf", keys("user"));
    write("cwd/mine.conf", keys("mine"));
    expect(three({ configFile: "mine.conf" })).toEqual(["mine", "mine", "mine"]);
    expect(three({ configFile: join(folder, "cwd/mine.conf") })).toEqual(["mine", "mine", "mine"]);
  });

  test("is of one file where there is one", () => {
    write("home/.ovh.conf", keys("user"));
    expect(three()).toEqual(["user", "user", "user"]);
  });

  const ENV = { OVH_APPLICATION_KEY: "env", OVH_APPLICATION_SECRET: "env", OVH_CONSUMER_KEY: "env" };

  test("is of the environment before the files", () => {
    write("home/.ovh.conf", keys("user"));
    expect(three({ env: ENV })).toEqual(["env", "env", "env"]);
    expect(three({ env: { OVH_CONSUMER_KEY: "env" } })).toEqual(["user", "user", "env"]);
  });

  test("is what was given in code before all", () => {
    write("home/.ovh.conf", keys("user"));
    const given = { applicationKey: "param", applicationSecret: "param", consumerKey: "param" };
    expect(three({ ...given, env: ENV })).toEqual(["param", "param", "param"]);
  });

  test("has the endpoint from the environment, then from [default]; the keys are of its section alone", () => {
    write(
      "home/.ovh.conf",
      `[default]\nendpoint=ovh-ca\n${keys("user")}[ovh-ca]\napplication_key=ca\napplication_secret=ca\n`,
    );
    const endpoint = undefined;
    expect(found({ endpoint }).endpoint.name).toBe("ovh-ca");
    expect(three({ endpoint })).toEqual(["ca", "ca", undefined]);
    expect(three({ endpoint, env: { OVH_ENDPOINT: "ovh-eu" } })).toEqual(["user", "user", "user"]);
  });

  test("of an endpoint that is an address is in the section of that name", () => {
    write("home/.ovh.conf", "[http://127.0.0.1:8080/1.0]\napplication_key=k\napplication_secret=s\n");
    for (const endpoint of [
      "http://127.0.0.1:8080/1.0",
      "http://127.0.0.1:8080",
      "http://127.0.0.1:8080/1.0/",
    ])
      expect(three({ endpoint })).toEqual(["k", "s", undefined]);
  });

  test("may be of an OAuth2 client", () => {
    write("home/.ovh.conf", "[ovh-eu]\nclient_id=foo\nclient_secret=bar\n");
    expect(found()).toMatchObject({
      oauth2: { id: "foo", secret: "bar", tokenAddress: "https://www.ovh.com/auth/oauth2/token" },
    });
    expect(found({ endpoint: "ovh-us", env: { OVH_CLIENT_ID: "i", OVH_CLIENT_SECRET: "s" } })).toMatchObject({
      oauth2: { tokenAddress: "https://us.ovhcloud.com/auth/oauth2/token" },
    });
  });

  // The five refusals of python-ovh.
  test("without keys is refused, and every place that was looked at is named", () => {
    expect(refusal()).toMatchObject({ missing: "application" });
    expect(refusal().message).toBe(
      "No keys for ovh-eu: looked in the options, OVH_APPLICATION_KEY, OVH_APPLICATION_SECRET, OVH_CLIENT_ID, " +
        "OVH_CLIENT_SECRET, ./ovh.conf (no such file), ~/.ovh.conf (no such file), /etc/ovh.conf (no such file). " +
        "Either an application key and secret are needed (make them at https://eu.api.ovh.com/createApp/) or an OAuth2 " +
        "client's id and secret. Set them in ~/.ovh.conf ([ovh-eu], application_key=…, application_secret=…) or in " +
        "OVH_APPLICATION_KEY and OVH_APPLICATION_SECRET.",
    );
  });

  test("with half an application is refused", () => {
    expect(refusal({ env: { OVH_APPLICATION_KEY: "k" } }).message).toMatch(
      /^Of an application both application_key and application_secret are needed: the first is in OVH_APPLICATION_KEY, application_secret is not in the options, /,
    );
    expect(refusal({ env: { OVH_APPLICATION_SECRET: "k" } }).message).toMatch(
      /the second is in OVH_APPLICATION_SECRET, application_key is not in/,
    );
  });

  test("with half an OAuth2 client is refused", () => {
    write("home/.ovh.conf", "[ovh-eu]\nclient_id=foo\n");
    expect(refusal().message).toMatch(
      /^Of an OAuth2 client both client_id and client_secret are needed: the first is in ~\/\.ovh\.conf, client_secret is not in/,
    );
  });

  test("with an application and an OAuth2 client is refused, and says where both are", () => {
    write("home/.ovh.conf", `${keys("user")}client_id=foo\nclient_secret=bar\n`);
    expect(refusal({ env: ENV }).message).toBe(
      "Both an application key (OVH_APPLICATION_KEY) and an OAuth2 client (~/.ovh.conf) are set for ovh-eu: take one of them out.",
    );
  });

  test("with an OAuth2 client of an endpoint that has none is refused, but for an address with where tokens come from", () => {
    const client = { clientId: "i", clientSecret: "s" };
    expect(refusal({ ...client, endpoint: "kimsufi-eu" }).message).toMatch(
      /^OAuth2 works with ovh-eu, ovh-ca and ovh-us, and not with kimsufi-eu\./,
    );
    const endpoint = "http://127.0.0.1:8080";
    expect(refusal({ ...client, endpoint }).message).toContain("the option tokenAddress");
    expect(found({ ...client, endpoint, tokenAddress: `${endpoint}/token` })).toMatchObject({
      oauth2: { tokenAddress: `${endpoint}/token` },
    });
  });

  test("without an endpoint is refused, and the places and the names are said", () => {
    const { message, missing } = refusal({ endpoint: undefined });
    expect(missing).toBe("endpoint");
    expect(message).toContain(
      "No OVH endpoint: looked in the options, OVH_ENDPOINT, ./ovh.conf (no such file), ",
    );
    for (const name of OVH_ENDPOINTS) expect(message).toContain(name);
  });

  test("of a file that is malformed is refused by file and line; one that cannot be read is left out", () => {
    write("cwd/ovh.conf", "[ovh-eu]\napplication_key=k\nnonsense\n");
    expect(refusal().message).toBe("./ovh.conf, line 3, is no section, no setting and no comment.");
    rmSync(join(folder, "cwd/ovh.conf"));
    mkdirSync(join(folder, "cwd/ovh.conf"));
    write("home/.ovh.conf", keys("user"));
    expect(three()).toEqual(["user", "user", "user"]);
  });

  test("of a file with secrets that others can read is used with one warning", () => {
    write("home/.ovh.conf", keys("user"));
    three();
    expect(warnings).toEqual([]);
    chmodSync(join(folder, "home/.ovh.conf"), 0o644);
    three();
    expect(warnings).toEqual([
      "~/.ovh.conf holds secrets and can be read by other users: run `chmod 600 ~/.ovh.conf`.",
    ]);
  });

  test("with a key that is none is refused by its place, and the key is not shown", () => {
    for (const name of Object.keys(ENV)) {
      const { message } = refusal({ env: { ...ENV, [name]: "canary\nX: y" } });
      expect(message).toBe(`A key in ${name} holds spaces or characters that are not printable ASCII.`);
    }
  });
});

describe("an endpoint", () => {
  test.each([
    ["ovh-eu", "https://eu.api.ovh.com/1.0"],
    ["ovh-ca", "https://ca.api.ovh.com/1.0"],
    ["ovh-us", "https://api.us.ovhcloud.com/1.0"],
    ["kimsufi-eu", "https://eu.api.kimsufi.com/1.0"],
    ["kimsufi-ca", "https://ca.api.kimsufi.com/1.0"],
    ["soyoustart-eu", "https://eu.api.soyoustart.com/1.0"],
    ["soyoustart-ca", "https://ca.api.soyoustart.com/1.0"],
    ["runabove-ca", "https://api.runabove.com/1.0"],
    ["https://proxy.example/ovh/1.0/", "https://proxy.example/ovh/1.0"],
    ["https://proxy.example/ovh", "https://proxy.example/ovh"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080/1.0"],
  ])("%s is at %s", (text, address) => {
    expect(endpointOf(text, "code").address).toBe(address);
  });

  test("has eight names", () => expect(OVH_ENDPOINTS).toHaveLength(8));

  test.each([
    ["/me", "https://x.example/1.0", "https://x.example/1.0/me"],
    ["/v1/me", "https://x.example/1.0", "https://x.example/v1/me"],
    ["/v2/iam?x=1", "https://x.example/p/1.0", "https://x.example/p/v2/iam?x=1"],
    ["/v1beta", "https://x.example/1.0", "https://x.example/1.0/v1beta"],
    ["/me", "https://x.example/p", "https://x.example/p/me"],
    ["/1.0/me", "https://x.example/p", "https://x.example/p/1.0/me"],
  ])("the path %s on %s is %s", (path, address, url) => {
    const paths = pathOn(address);
    expect(paths.base + paths.of(path)).toBe(url);
    expect(paths.shown(paths.of(path))).toBe(path.split("?")[0]);
  });

  test("of a name that is not known is refused with those that are", () => {
    expect(() => endpointOf("ovh-laponie", "OVH_ENDPOINT")).toThrow(
      "An endpoint must be one of ovh-eu, ovh-ca, ovh-us, kimsufi-eu, kimsufi-ca, soyoustart-eu, soyoustart-ca, runabove-ca, " +
        'or an address like https://eu.api.ovh.com/1.0: OVH_ENDPOINT has "ovh-laponie".',
    );
  });

  test.each([
    "https://me:canary@x.example",
    "ftp://x.example/canary",
    "https://x.example/?a=canary",
    "https://x.example/#canary",
  ])("%s is no address of an API, and is not shown", text => {
    expect(() => endpointOf(text, "code")).toThrow("code has something else");
    expect(() => endpointOf(text, "code")).not.toThrow("canary");
  });

  test("on another machine is not asked in clear, unless that is allowed", () => {
    expect(() => endpointOf("http://x.example/1.0", "code")).toThrow("OVH_ALLOW_INSECURE=1");
    expect(endpointOf("http://x.example/1.0", "code", true).address).toBe("http://x.example/1.0");
  });

  test("that is closed is told of", () => {
    expect(endpointOf("runabove-ca", "code").warning).toContain("RunAbove is closed");
  });
});
