/** `tutum-server reset`: removes all applications, through the server when one runs, else from its files. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BackendKind, createBackend } from "../backend/choose";
import { DEFAULT_TIMES } from "../backend/memory";
import { UserError } from "../errors";
import { systemClock } from "../ports/clock";
import { readSettings } from "../storage/data-folder";
import { isDataFile } from "../storage/files";
import { lockFolder } from "../storage/lock";
import { connectionOf, resetRunning, stateOf } from "./control-client";
import { createLogger } from "./log";

export async function runReset(data: string, confirmed: boolean): Promise<number> {
  const folder = resolve(data);
  if (!existsSync(folder)) throw new UserError(`there is no data folder ${folder}`);
  if (!confirmed) {
    throw new UserError(`this removes all applications and containers in ${folder}: add --yes to do it`);
  }
  const connection = connectionOf(folder);
  if (connection && (await stateOf(connection))) {
    console.log(`removed ${await resetRunning(connection)} applications`);
    return 0;
  }
  const unlock = lockFolder(folder);
  try {
    await removeContainers(folder);
    for (const name of readdirSync(folder)) {
      if (isDataFile(name)) rmSync(join(folder, name));
    }
  } finally {
    unlock();
  }
  console.log(`removed all applications in ${folder}`);
  return 0;
}

/** Real ones go on running without their server. */
async function removeContainers(folder: string): Promise<void> {
  const { backend: kind = "memory", server, nodes = [] } = readSettings(folder) ?? {};
  if (kind === "memory" || server === undefined) return;
  const backend = await createBackend({
    kind: kind as BackendKind,
    server,
    nodes,
    sizes: [],
    times: DEFAULT_TIMES,
    clock: systemClock,
    logger: createLogger({ level: "warn", dataDir: folder, quiet: true }),
  });
  try {
    await backend.clear();
  } catch (error) {
    throw new UserError(`not all containers are removed, and nothing else is: ${(error as Error).message}`);
  } finally {
    await backend.close();
  }
}
