/** Logs of a container and of all containers of an application: the last of what they wrote, weighed. */
import { notFound } from "../errors";
import type { World } from "../model/world";
import type { Engine } from "./engine";

/** Characters of an answer. */
const MAX_OF_CONTAINER = 1024 * 1024;
const MAX_OF_APPLICATION = 4 * 1024 * 1024;

export async function containerLogs(engine: Engine, uuid: string): Promise<{ logs: string }> {
  if (!engine.read(world => world.containers.has(uuid))) throw notFound();
  return { logs: lastLines(await engine.backend.logs(uuid), "", MAX_OF_CONTAINER) };
}

/** Each line with its container's name. One container is asked after the other: all at once might be very much. */
export async function applicationLogs(engine: Engine, uuid: string): Promise<{ logs: string }> {
  const containers = engine.read(world => containersOf(world, uuid));
  const share = Math.min(MAX_OF_CONTAINER, Math.floor(MAX_OF_APPLICATION / Math.max(containers.length, 1)));
  const logs: string[] = [];
  for (const { uuid: id, uniqueName } of containers) {
    const text = await engine.backend.logs(id);
    const lines = text.split("\n").filter(line => line !== "");
    if (lines.length > 0) logs.push(lastLines(lines.join("\n"), `[${uniqueName}] `, share));
  }
  return { logs: logs.join("\n") };
}

/** Its end, in whole lines if there are any, and a first line that says how much was left out. */
export function lastLines(text: string, prefix: string, most: number): string {
  const lines = text.split("\n");
  const whole = text.length + lines.length * prefix.length;
  if (whole <= most) return lines.map(line => prefix + line).join("\n");
  const kept: string[] = [];
  let [left, end] = [most, text.length];
  for (let line = lines.pop(); line !== undefined; line = lines.pop()) {
    const length = prefix.length + line.length + 1;
    if (length > left) {
      // One line alone can be too long.
      const part = kept.length === 0 ? line.slice(-Math.max(left - prefix.length, 1)) : "";
      if (part !== "") kept.push(prefix + part);
      end -= part.length;
      break;
    }
    kept.push(prefix + line);
    left -= length;
    end -= line.length + 1;
  }
  return [`${prefix}[the first ${Math.max(end, 1)} characters are left out]`, ...kept.reverse()].join("\n");
}

function containersOf(world: World, uuid: string) {
  if (!world.applications.has(uuid)) throw notFound();
  return world.containersOf(uuid);
}
