/** A registry on a machine, under the loopback address that its engine trusts: `registry.js`. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { atEnd, temporaryFolder } from "../server/harness";
import type { Machine } from "./engines";
import { probeImage } from "./probe-image";

export const PRIVATE_IMAGE = "127.0.0.1:5000/me/app";
export const CREDENTIALS = { username: "me", password: "canary-password" };

/**
 * Until the end of the test. It hands the image's layer out when it is sent "release". No two ports have the same layer:
 * an engine fetches that once, from the registry it asked first.
 */
export async function startRegistry(machine: Machine, port = 5000): Promise<ChildProcess> {
  const layer = join(temporaryFolder(), "layer.tar");
  writeFileSync(layer, probeImage(`registry ${port}`));
  const [execPath = "", ...execArgv] = [...machine.inside.enter, process.execPath];
  const args = [layer, `${CREDENTIALS.username}:${CREDENTIALS.password}`, String(port)];
  const registry = fork(join(__dirname, "registry.js"), args, { execPath, execArgv });
  atEnd(() => registry.kill());
  await once(registry, "message");
  return registry;
}
