import { dirname } from "node:path";
import { CreateRequest } from "@pulumi/pulumi/proto/provider_pb";
import { processHost } from "../../../provider/resource/dynamic/host/host";

const HOST = Symbol.for("pulumi-tutum/host/1");
const SCRIPT = dirname(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"));

describe("the host of a provider process", () => {
  const { argv, env } = process;
  beforeEach(() => {
    Reflect.deleteProperty(globalThis, HOST);
    process.argv = ["node", SCRIPT];
    process.env = { ...env };
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, HOST);
    Object.assign(process, { argv, env });
  });

  test("is one for all kinds of resources, also from two copies of the package", () => {
    process.argv = ["node", "/usr/bin/somewhere-else"];
    const host = processHost();
    expect(processHost()).toBe(host);
    jest.isolateModules(() => {
      const copy = jest.requireActual<{ processHost: typeof processHost }>(
        "../../../provider/resource/dynamic/host/host",
      );
      expect(copy.processHost).not.toBe(processHost);
      expect(copy.processHost()).toBe(host);
    });
  });

  test.each(["PULUMI_TUTUM_NO_HOST_HOOKS", "TUTUM_NO_HOST_HOOKS"])("%s keeps off its internals", name => {
    const { getProperties } = CreateRequest.prototype;
    process.env[name] = "1";
    expect(processHost().requestOf({})).toEqual({});
    expect(CreateRequest.prototype.getProperties).toBe(getProperties);
  });

  test.each(["PULUMI_TUTUM_NO_HOST_HOOKS", "TUTUM_NO_HOST_HOOKS"])("%s misspelt is told", name => {
    process.env[name] = "of course";
    expect(() => processHost().requestOf({})).toThrow(`${name} must be true or false, not "of course".`);
  });
});
