/** `tutum-server reset`: removes all applications, through the server when one runs, else from its files. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../errors";
import { lockFolder } from "../storage/lock";
import { connectionOf, resetRunning, stateOf } from "./control-client";

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
    for (const name of readdirSync(folder)) {
      if (/^(journal|snapshot)-\d+(\.tmp)?$/.test(name)) rmSync(join(folder, name));
    }
  } finally {
    unlock();
  }
  console.log(`removed all applications in ${folder}`);
  return 0;
}
