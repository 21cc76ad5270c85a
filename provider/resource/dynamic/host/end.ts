/**
 * The end of a provider process in peace. The engine sends SIGINT when it has saved the last of its state; one that is
 * killed sends none, and a Ctrl-C at the terminal reaches the engine alone: the provider has a process group of its own.
 */
export function onInterrupt(): (callback: () => void) => void {
  const callbacks: (() => void)[] = [];
  process.once("SIGINT", () => {
    // Not before whoever else listens has been called.
    setImmediate(() => process.exit(130));
    for (const callback of callbacks) callback();
  });
  return callback => void callbacks.push(callback);
}
