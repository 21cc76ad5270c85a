import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { ManagedResource, type ResourceClass } from "../../../provider/resource/program/managed-resource";
import { until } from "../../until";
import { lampFields } from "../made-up";

const LAMP: ResourceClass = {
  type: "pulumi-nodejs:dynamic/test:Lamp",
  providerText: "exports.handler = …",
  table: { ...lampFields, labels: { ...lampFields.labels, sensitive: true } },
  outputs: ["color"],
};

class Lamp extends ManagedResource {
  declare readonly place: pulumi.Output<string>;
  declare readonly color: pulumi.Output<string>;

  constructor(name: string, args: pulumi.Inputs, options: pulumi.CustomResourceOptions = {}) {
    super(LAMP, name, { inputs: { ...args, place: args.place ?? name }, args }, options);
  }
}

describe("a class of resources", () => {
  /** What the engine is told of the lamps that a program makes, by name. */
  const told: Record<string, pulumi.runtime.MockResourceArgs> = {};
  let lamp: Lamp | undefined;
  beforeAll(async () => {
    await pulumi.runtime.setMocks({
      newResource: args => {
        told[args.name] = args;
        return { id: args.id || "1", state: args.inputs };
      },
      call: ({ inputs }) => inputs,
    });
    await pulumi.runtime.runInPulumiStack(async () => {
      const labels = { code: pulumi.secret("canary"), floor: "1" };
      const customTimeouts = { create: "3m" };
      lamp = new Lamp("hall", { labels, note: pulumi.secret("n") }, { customTimeouts });
      new Lamp("attic", {});
      new Lamp("read", { place: "elsewhere" }, { id: "7" });
    });
    await until(() => told.hall && told.attic && told.read, "all three are registered");
  });

  test("is registered with its type and text, its defaults, and what only the engine would know", () => {
    expect(told.hall?.type).toBe(LAMP.type);
    expect(told.hall?.inputs).toMatchObject({
      place: "hall",
      __provider: LAMP.providerText,
      secretInputs: ["labels.code", "note"],
      deadlines: { create: "3m" },
    });
  });

  test("gives each resource a hash of its URN", () => {
    const hashOf = (name: string) =>
      createHash("sha256")
        .update(`urn:pulumi:stack::project::${LAMP.type}::${name}`)
        .digest("hex")
        .slice(0, 16);
    expect(told.hall?.inputs.resourceHash).toBe(hashOf("hall"));
    expect(told.attic?.inputs.resourceHash).toBe(hashOf("attic"));
  });

  test("has every output by name, also those that nobody gave a value", () => {
    expect([lamp?.place, lamp?.color].map(pulumi.Output.isInstance)).toEqual([true, true]);
  });

  test("that is only read has no more than its own inputs", () => {
    expect(told.read?.id).toBe("7");
    expect(told.read?.inputs).toEqual({ place: "elsewhere", __provider: LAMP.providerText });
  });
});
