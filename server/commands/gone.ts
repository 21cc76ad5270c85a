import { setTimeout as delay } from "node:timers/promises";

/** How long a server may take to store everything and end. */
const END_MS = 10_000;

/** Resolves when the process is no more, or does not end in time. */
export async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + END_MS; Date.now() < deadline; await delay(10)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  }
}
