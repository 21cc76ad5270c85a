import type { Application } from "../../../provider/tutum/client";
import type { ApplicationContext } from "../../../provider/tutum/lifecycle/context";
import { settled } from "../../../provider/tutum/lifecycle/progress";
import { VirtualClock } from "../../http/virtual-clock";

/** Waits for an application of three containers that starts one each so many seconds; what was told, and when. */
async function told(seconds: number, said: string | null = null): Promise<string[]> {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const at = (running: number) =>
    ({
      uuid: "web",
      unique_name: "web",
      state: running === 3 ? "Running" : "Starting",
      running_num_containers: running,
      target_num_containers: 3,
    }) as Application;
  let running = 0;
  const client = {
    async settled(_application: Application, { onProgress }: { onProgress(seen: Application): void }) {
      while (running < 3) {
        await clock.sleep(seconds * 1_000);
        onProgress(at(++running));
      }
      return at(running);
    },
    containers: {
      async *list() {
        for (let n = 1; n <= 3; n++)
          yield {
            unique_name: `web-${n}`,
            state: n <= running ? "Running" : "Starting",
            exit_code_msg: said,
          };
      },
    },
  };
  const report = (line: string) => lines.push(`${clock.now() / 1_000} s: ${line}`);
  const context = { client, clock, report, signal: new AbortController().signal };
  await clock.run(settled(context as unknown as ApplicationContext, at(0), Number.POSITIVE_INFINITY));
  return lines;
}

describe("while an application is waited for", () => {
  test("nothing is told of what takes less than a second", async () => {
    expect(await told(0.3)).toEqual([]);
  });

  test("after a second its state is told by name, and then each change until it rests", async () => {
    expect(await told(4)).toEqual([
      "1 s: web is Starting: 0 of 3 containers running",
      "4 s: web is Starting: 1 of 3 containers running",
      "8 s: web is Starting: 2 of 3 containers running",
    ]);
  });

  test("every half minute the containers that lag are told", async () => {
    expect(await told(25)).toEqual([
      "1 s: web is Starting: 0 of 3 containers running",
      "25 s: web is Starting: 1 of 3 containers running",
      "30 s: web is Starting: 1 of 3 containers running after 30 s; web-2 is Starting; web-3 is Starting",
      "50 s: web is Starting: 2 of 3 containers running",
      "60 s: web is Starting: 2 of 3 containers running after 60 s; web-3 is Starting",
    ]);
  });

  test("one that lags says what it waits for, and nothing of an earlier end", async () => {
    const at30 = async (said: string) => (await told(25, said)).find(line => line.startsWith("30 s"));
    expect(await at30("waiting for an answer on port 80")).toContain(
      "; web-2 is Starting (waiting for an answer on port 80); web-3 is Starting (waiting",
    );
    expect(await at30("Exit code 0 (Success)")).toMatch(/; web-2 is Starting; web-3 is Starting$/);
  });
});
