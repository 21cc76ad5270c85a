import { TutumApplication } from "../../../provider";
import { runProgram } from "../../../provider/testing";

/** Runs a program of this one declaration, and hands out what it threw. */
async function thrownBy(declare: () => unknown): Promise<Error> {
  let thrown: unknown;
  await runProgram(async () => {
    try {
      declare();
    } catch (error) {
      thrown = error;
    }
  });
  return thrown as Error;
}

describe("making an application leaves call stacks as they were", () => {
  const { stackTraceLimit, prepareStackTrace } = Error;
  afterEach(() => {
    expect([Error.stackTraceLimit, Error.prepareStackTrace]).toEqual([stackTraceLimit, prepareStackTrace]);
  });

  test("after it is made", async () => {
    expect(await thrownBy(() => new TutumApplication("web", { image: "tutum/hello-world" }))).toBeUndefined();
  });

  test("after it failed, and the error's stack begins where the program made it", async () => {
    const error = await thrownBy(function declaring() {
      return new TutumApplication("", { image: "tutum/hello-world" });
    });
    expect(error.message).toContain("Missing resource name");
    expect(error.stack?.split("\n")[1]).toContain("declaring");
  });
});
