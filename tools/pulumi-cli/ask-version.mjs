import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * Proves that a Pulumi CLI runs on this machine.
 * @param {string} bin
 * @returns {Promise<string>} "3.245.0"
 */
export async function askVersion(bin) {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" };
  const { stdout } = await promisify(execFile)(bin, ["version"], { env, timeout: 20_000 });
  return stdout.trim().replace(/^v/, "");
}
