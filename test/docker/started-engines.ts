/** A process that starts an engine, tells its folder, and never ends by itself. */
import { dirname } from "node:path";
import { Engines, type Machine, PROBE_IMAGE } from "./engines";

async function main(): Promise<void> {
  const machine = (await Engines.start()).machines[0] as Machine;
  const { Id } = await machine.call<{ Id: string }>("POST", "/containers/create", { Image: PROBE_IMAGE });
  await machine.call("POST", `/containers/${Id}/start`);
  process.send?.(dirname(dirname(machine.socket)));
}

void main();
