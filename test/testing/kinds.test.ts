/** Mocks of kinds that provider/testing has never heard of. */
import type * as pulumi from "@pulumi/pulumi";
import { TutumApplication } from "../../provider";
import { mockedKinds } from "../../provider/kinds";
import { ManagedResource } from "../../provider/resource/program/managed-resource";
import { UNKNOWN } from "../../provider/testing";
import { type Ran, runWith } from "../../provider/testing/run-program";
import { MACHINE, MOCKED_MACHINE, MOCKED_NAME, NAME } from "../report/made-up-cloud";

class Machine extends ManagedResource {
  declare readonly ipv4: pulumi.Output<string>;
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.CustomResourceOptions = {}) {
    super({ ...MACHINE, providerText: "" }, name, { inputs, args: inputs }, options);
  }
}
class Name extends ManagedResource {
  declare readonly target: pulumi.Output<string>;
  constructor(name: string, inputs: pulumi.Inputs) {
    super({ ...NAME, providerText: "" }, name, { inputs, args: inputs }, {});
  }
}

const run = (program: () => unknown, options: { preview?: boolean } = {}): Promise<Ran> =>
  runWith([...mockedKinds(), MOCKED_MACHINE, MOCKED_NAME], program, {
    config: { "made-up:gigabytes": "40" },
    ...options,
  });

test("a program with resources of several clouds gets the checks, defaults and outputs of each", async () => {
  const { resources, outputs } = await run(() => {
    const web = new TutumApplication("web", { image: "a/b" });
    const [node] = ["a", "b"].map(name => new Machine(name, { label: "node", image: "debian" }));
    const www = new Name("www", { fqdn: "www.example.org", target: node?.ipv4 });
    new Name("app", { fqdn: "app.example.org", target: web.id });
    return { target: www.target };
  });
  expect(resources[MACHINE.type]).toMatchObject({
    a: { id: "machine-a", label: "node", gigabytes: 40, ipv4: "192.0.2.1", status: "running" },
    b: { id: "machine-b", label: "node-2" },
  });
  const [application] = Object.values(resources["pulumi-nodejs:dynamic/tutum:Application"] ?? {});
  expect(resources[NAME.type]).toMatchObject({
    www: { target: "192.0.2.1", ttl: 300 },
    app: { target: application?.id },
  });
  expect(outputs).toEqual({ target: "192.0.2.1" });
});

test("in a preview its outputs are not known, and what is wrong with it is said", async () => {
  const { resources } = await run(
    () => {
      const node = new Machine("node", { label: "node", image: "debian" });
      new Name("www", { fqdn: "www.example.org", target: node.ipv4 });
    },
    { preview: true },
  );
  expect(resources[MACHINE.type]?.node).not.toHaveProperty("ipv4");
  expect(resources[NAME.type]?.www).toMatchObject({ target: UNKNOWN });
  await expect(run(() => new Name("www", { fqdn: "www", target: "x" }))).rejects.toThrow(
    'Name www: fqdn must have a dot, not "www"',
  );
  const twice = () => ["p", "p"].map(name => new Machine(name, { label: "x", image: "y" }));
  await expect(run(twice)).rejects.toThrow("Machine p: there is another of that name");
});

test("one that the program reads exists, with nothing but defaults", async () => {
  const { outputs } = await run(() => ({ ip: new Machine("found", {}, { id: "7" }).ipv4 }));
  expect(outputs).toEqual({ ip: "192.0.2.1" });
});
