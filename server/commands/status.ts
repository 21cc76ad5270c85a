/** `tutum-server status`: exit code 0 when a server runs, 3 when none does (as init scripts say it). */
import { NOT_RUNNING, running } from "./running";

export async function runStatus(data: string): Promise<number> {
  const found = await running(data);
  if (!found) return NOT_RUNNING;
  const { connection, state } = found;
  const counts = Object.entries(state.applications);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  console.log(`running at ${connection.url}/api/v1/ (process ${state.pid}, used by ${state.leases} exec)`);
  console.log(`applications: ${total}`);
  for (const [label, count] of counts) console.log(`  ${label}: ${count}`);
  return 0;
}
