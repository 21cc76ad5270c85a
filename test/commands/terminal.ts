import type { Terminal } from "../../provider/commands/command";

/** A terminal that keeps what is written on it. */
export function keptTerminal(env: NodeJS.ProcessEnv) {
  const written = { out: "", err: "" };
  const writer = (name: "out" | "err") => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const input = (async function* () {
    yield "";
  })();
  const terminal: Terminal = { input, out: writer("out"), err: writer("err"), env };
  return { terminal, written };
}
