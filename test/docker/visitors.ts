/** Visitors of a web name, who count what they get: see `visitor.js`. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { atEnd } from "../server/harness";
import { until } from "../until";
import type { Machine } from "./engines";

export interface Visits {
  good: number;
  /** What they got instead, and how often. */
  bad: Record<string, number>;
}

export interface Visitors {
  count(): Promise<Visits>;
  /** Waits until there were so many more of them, stops them, and tells what all of them got. */
  stop(more?: number): Promise<Visits>;
}

/** They ask the proxy at `port` of the machine's loopback; what answers must show `expected`. */
export async function sendVisitors(
  machine: Machine,
  port: number,
  host: string,
  expected = ".",
): Promise<Visitors> {
  const [execPath = "", ...execArgv] = [...machine.inside.enter, process.execPath];
  const args = [String(port), host, expected];
  const visitors = fork(join(__dirname, "visitor.js"), args, { execPath, execArgv });
  atEnd(() => visitors.kill());
  await once(visitors, "message");
  const ask = async (what: string) => {
    const answer = once(visitors, "message");
    visitors.send(what);
    return (await answer)[0] as Visits;
  };
  const count = () => ask("count");
  return {
    count,
    async stop(more = 0) {
      const before = all(await count());
      await until(
        async () => all(await count()) >= before + more,
        `there are ${more} more visitors`,
        120_000,
      );
      return ask("stop");
    },
  };
}

/** How many there were, whatever they got. */
export function all({ good, bad }: Visits): number {
  return Object.values(bad).reduce((sum, count) => sum + count, good);
}
