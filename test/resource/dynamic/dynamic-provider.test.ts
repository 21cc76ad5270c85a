import { dynamicProvider } from "../../../provider/resource/dynamic/dynamic-provider";
import type { Host } from "../../../provider/resource/dynamic/host/host";
import { ExpectedError, PartialFailure } from "../../../provider/resource/lifecycle/failure";
import type { Lifecycle, Operation } from "../../../provider/resource/lifecycle/lifecycle";
import { UNKNOWN } from "../../../provider/resource/table/unknown";

const SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const URN = "urn:pulumi:dev::house::pulumi-nodejs:dynamic/test:Lamp::hall";

const nothing: Lifecycle<Operation> = {
  open: () => operation => operation,
  check: (_context, _old, inputs) => ({ inputs, failures: [] }),
  diff: () => ({ entries: {} }),
  preview: (_context, inputs) => inputs,
  create: async (_context, inputs) => ({ id: "1", outputs: inputs }),
  read: async () => undefined,
  update: async (_context, _id, _old, inputs) => ({ outputs: inputs }),
  remove: async () => undefined,
};

function hostFor(request: ReturnType<Host["requestOf"]> = {}) {
  const lines: string[] = [];
  const host: Host = {
    signal: new AbortController().signal,
    requestOf: () => request,
    onEnd: () => undefined,
    announced: new Set(),
    log: (urn, kind, message) => void lines.push(`${urn ?? "stack"} ${kind} ${message}`),
  };
  return { host, lines };
}

describe("a lifecycle in Pulumi's dynamic host", () => {
  test("is told of a difference what the state has, inputs where the host has them", async () => {
    const seen: unknown[] = [];
    const lifecycle: Lifecycle<Operation> = {
      ...nothing,
      diff: (_context, id, old, inputs) => {
        seen.push({ id, old, inputs });
        return { entries: {} };
      },
    };
    const values = { __provider: "text", place: SENTINEL };
    const { host } = hostFor({ oldInputs: { __provider: "text", place: "attic" } });
    await dynamicProvider(lifecycle, host).diff?.("1", { __provider: "text", place: "cellar" }, values);
    await dynamicProvider(lifecycle, hostFor().host).diff?.("1", { place: "cellar" }, values);
    const [place, outputs] = [UNKNOWN, { place: "cellar" }];
    expect(seen).toEqual([
      { id: "1", old: { inputs: { place: "attic" }, outputs }, inputs: { place } },
      { id: "1", old: { inputs: undefined, outputs }, inputs: { place } },
    ]);
  });

  test.each<[string, ReturnType<typeof nothing.diff>, object]>([
    ["nothing", { entries: {} }, { changes: false }],
    [
      "paths: the engine compares the inputs, and the properties that replace are named once",
      {
        entries: {
          "labels.a": { kind: "add", replace: true },
          "labels.b": { kind: "delete", replace: true },
          place: { kind: "update", replace: false },
        },
      },
      { replaces: ["labels"] },
    ],
    [
      "what is in no input: the engine would not find it",
      { entries: { lost: { kind: "update", replace: false, hidden: true } } },
      { changes: true, replaces: [] },
    ],
    [
      "a name that only one may have",
      { entries: { label: { kind: "update", replace: true } }, deleteBeforeReplace: true },
      { deleteBeforeReplace: true, replaces: ["label"] },
    ],
  ])("hands on a difference of %s", async (_what, diff, expected) => {
    const provider = dynamicProvider({ ...nothing, diff: () => diff }, hostFor().host);
    expect(await provider.diff?.("1", {}, {})).toEqual(expected);
  });

  test("knows which operation it is, for which resource, and whether it is for a preview alone", async () => {
    const seen: unknown[] = [];
    const open: Lifecycle<Operation>["open"] =
      () =>
      ({ name, resource, dryRun, timeout, ...operation }) => {
        seen.push([name, resource, dryRun, timeout]);
        return { name, ...operation };
      };
    const { host } = hostFor({ urn: URN, timeout: 5_000 });
    const provider = dynamicProvider({ ...nothing, open }, host);
    await provider.check?.({}, {});
    await provider.create({});
    await provider.update?.("1", {}, {});
    await provider.read?.("1", {});
    await provider.delete?.("1", {});
    expect(seen).toEqual([
      ["check", "hall", undefined, 5_000],
      ["create", "hall", false, 5_000],
      ["update", "hall", false, 5_000],
      ["read", "hall", false, 5_000],
      ["remove", "hall", false, 5_000],
    ]);
  });

  test("packs a partial failure with all that the engine is to keep, the provider's text among it", async () => {
    const create = async () => {
      throw new PartialFailure("1", { place: "hall", lost: undefined }, ["it does not shine"]);
    };
    const provider = dynamicProvider({ ...nothing, create }, hostFor().host);
    await expect(provider.create({ __provider: "text" })).rejects.toMatchObject({
      id: "1",
      properties: { place: "hall", __provider: "text" },
      reasons: ["it does not shine"],
    });
  });

  test.each(["check", "diff", "read", "delete"] as const)(
    "what %s throws is printed by the engine alone",
    async call => {
      const refuse = () => {
        throw new ExpectedError("it does not shine");
      };
      const refusing = {
        check: refuse,
        diff: refuse,
        read: async () => refuse(),
        remove: async () => refuse(),
      };
      const provider = dynamicProvider({ ...nothing, ...refusing }, hostFor().host);
      const calls = {
        check: () => provider.check?.({}, {}),
        diff: () => provider.diff?.("1", {}, {}),
        read: () => provider.read?.("1", {}),
        delete: () => provider.delete?.("1", {}),
      };
      const error = await calls[call]()?.catch((thrown: unknown) => thrown);
      expect([String(error), (error as Error).stack]).toEqual(["", ""]);
      expect(error).toMatchObject({ message: "it does not shine" });
    },
  );

  test("clears the line about what was under way, and gives a warning of the whole stack once for all kinds", async () => {
    const { host, lines } = hostFor({ urn: URN });
    const create: Lifecycle<Operation>["create"] = async (context, inputs) => {
      context.report("hall is warming up");
      context.announce?.("no endpoint is set");
      return { id: "1", outputs: inputs };
    };
    for (const provider of [1, 2].map(() => dynamicProvider({ ...nothing, create }, host)))
      await provider.create({});
    expect(lines).toEqual([
      `${URN} live hall is warming up`,
      "stack warning no endpoint is set",
      `${URN} live `,
      `${URN} live hall is warming up`,
      `${URN} live `,
    ]);
  });
});
