import type { Command, Terminal } from "../../../provider/commands/command";
import { convert } from "../../../provider/tutum/commands/convert";

/** A terminal that keeps what is written. */
export function terminal(env: NodeJS.ProcessEnv): {
  terminal: Terminal;
  written: { text: string; said: string };
} {
  const written = { text: "", said: "" };
  const out = { write: (text: string) => (written.text += text) };
  const err = { write: (text: string) => (written.said += text) };
  return { terminal: { input: process.stdin, out, err, env }, written };
}

/** What a command that succeeds writes to standard output and to standard error. */
export async function output(
  command: Command,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ text: string; said: string }> {
  const { terminal: io, written } = terminal(env);
  expect(await command.run(args, io)).toBe(0);
  return written;
}

export const converted = (args: string[], env: NodeJS.ProcessEnv) => output(convert, args, env);
