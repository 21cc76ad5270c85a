import { completing, PartialFailure } from "../../../provider/resource/lifecycle/failure";
import { expectGone, type Missing } from "../../../provider/resource/lifecycle/gone-on-proof";

describe("steps on what exists", () => {
  test("end with the outputs of the state that they reached", async () => {
    let brightness = 0;
    const outputs = () => ({ brightness });
    const done = await completing("1", outputs, async () => {
      brightness = 3;
    });
    expect(done).toEqual({ brightness: 3 });
  });

  test.each([
    ["an error", new Error("it burned out")],
    ["anything else", "it burned out"],
  ])("that fail with %s keep the id, and those outputs, for the next update to resume", async (_, thrown) => {
    let brightness = 0;
    const failing = completing(
      "1",
      () => ({ brightness }),
      async () => {
        brightness = 2;
        throw thrown;
      },
    );
    const failure = await failing.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    expect(failure).toMatchObject({
      id: "1",
      outputs: { brightness: 2, unfinished: true },
      reasons: ["it burned out"],
    });
  });
});

describe("a resource that is not found", () => {
  const here = { endpoint: "http://here/", userHash: "me" };
  const missing = (changes: Partial<Missing> = {}): Missing => ({
    noun: "Lamp",
    id: "1",
    name: "hall",
    outputs: here,
    listed: async () => undefined,
    ...changes,
  });

  test("is gone when the endpoint and account that made it do not list it", async () => {
    await expect(expectGone(here, missing())).resolves.toBeUndefined();
    await expect(expectGone(here, missing({ outputs: {} }))).resolves.toBeUndefined();
  });

  test("is not gone while the list shows it", async () => {
    await expect(expectGone(here, missing({ listed: async () => "hall" }))).rejects.toThrow(
      "Lamp hall (1) was not found at http://here/, and is in its list all the same: run the command again.",
    );
  });

  test.each([
    ["endpoint", { endpoint: "http://there/", userHash: "me" }, "it was created at http://there/, and now"],
    ["user", { endpoint: "http://here/", userHash: "you" }, "another user's credentials are in use"],
  ])("where another %s is asked proves nothing, and nobody is asked for a list", async (_, outputs, told) => {
    const listed = jest.fn(async () => undefined);
    await expect(expectGone(here, missing({ outputs, listed }))).rejects.toThrow(told);
    expect(listed).not.toHaveBeenCalled();
  });
});
