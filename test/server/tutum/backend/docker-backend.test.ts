import { createDockerBackend } from "../../../../server/apis/tutum/backend/docker/docker-backend";
import { silentLogger } from "../../../../server/host/ports/logger";

test("without an engine nothing is left that would keep the process: a command can end at once", async () => {
  const timers = new Set<() => void>();
  const clock = {
    now: () => 0,
    steady: () => 0,
    setTimeout: (task: () => void) => {
      timers.add(task);
      return () => void timers.delete(task);
    },
  };
  const nodes = [{ name: "local", endpoint: "unix:///nowhere.sock" }];
  const backend = createDockerBackend({ server: "0a1b2c3d", nodes, sizes: {}, clock, logger: silentLogger });
  await expect(backend).rejects.toThrow("no Docker Engine answers: unix:///nowhere.sock");
  expect(timers.size).toBe(0);
});
