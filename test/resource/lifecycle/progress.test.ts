import { withProgress } from "../../../provider/resource/lifecycle/progress";
import { VirtualClock } from "../../http/virtual-clock";

/** Waits for a lamp that becomes brighter each so many seconds, until it is at 3; what was told, and when. */
async function told(seconds: number, pending?: () => Promise<string[]>): Promise<string[]> {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const report = (line: string) => void lines.push(`${clock.now() / 1_000} s: ${line}`);
  const phases = {
    phase: (brightness: number) => `hall is at ${brightness}`,
    isSettled: (brightness: number) => brightness === 3,
    pending,
  };
  const wait = withProgress({ clock, report }, 0, phases, async onProgress => {
    for (let brightness = 1; brightness <= 3; brightness++) {
      await clock.sleep(seconds * 1_000);
      onProgress(brightness);
    }
    return "done";
  });
  expect(await clock.run(wait)).toBe("done");
  return lines;
}

describe("of a resource that is waited for", () => {
  test("nothing is told when it is quick", async () => {
    expect(await told(0.3)).toEqual([]);
  });

  test("after a second its state is told, and each change until it rests", async () => {
    expect(await told(4)).toEqual(["1 s: hall is at 0", "4 s: hall is at 1", "8 s: hall is at 2"]);
  });

  test("each half minute what it waits for is told, where its kind has parts", async () => {
    expect(await told(20, async () => ["the bulb is cold"])).toContain(
      "30 s: hall is at 1 after 30 s; the bulb is cold",
    );
    expect(await told(20)).toContain("30 s: hall is at 1 after 30 s");
  });

  test("a question about its parts that fails disturbs nothing", async () => {
    expect(await told(20, () => Promise.reject(new Error("no answer")))).toEqual([
      "1 s: hall is at 0",
      "20 s: hall is at 1",
      "40 s: hall is at 2",
    ]);
  });
});
