/** `tutum-server reset`: removes all applications, through the server when one runs, else from its files. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type BackendKind, createBackend } from "../apis/tutum/backend/choose";
import { DEFAULT_TIMES } from "../apis/tutum/backend/memory";
import { UserError } from "../host/errors";
import { systemClock } from "../host/ports/clock";
import { allRecordsFolders, createDataFolder } from "../host/storage/data-folder";
import { reasonOf } from "../host/storage/disk-errors";
import { beginErasing, finishErasing } from "../host/storage/files";
import { lockFolder } from "../host/storage/lock";
import { readSettings } from "../host/storage/settings";
import { resetRunning } from "./control-client";
import { createLogger } from "./log";
import { serverOf } from "./running";

export async function runReset(data: string, confirmed: boolean): Promise<number> {
  const folder = resolve(data);
  if (!existsSync(folder)) throw new UserError(`there is no data folder ${folder}`);
  if (!confirmed) {
    throw new UserError(`this removes all applications and containers in ${folder}: add --yes to do it`);
  }
  // Nothing is removed, and no lock is left, where no server has ever been.
  createDataFolder(folder);
  const running = await serverOf(folder);
  if (running) {
    console.log(`removed ${await resetRunning(running.connection)} applications`);
    return 0;
  }
  const lock = await lockFolder(folder);
  try {
    await removeContainers(folder);
    const folders = allRecordsFolders(folder);
    // Begun everywhere first: whatever happens then, the next start goes on with it.
    for (const each of folders) await beginErasing(each);
    for (const each of folders) await finishErasing(each);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot remove what is in ${folder}: ${reasonOf(error)}`);
  } finally {
    lock.release();
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
