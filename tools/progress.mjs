// What set-up says while it works. Everything goes to stderr: stdout belongs to the command that follows.
// On a terminal the last line is rewritten every second; elsewhere (CI logs) a line appears every 15 s at most.

const ON_TERMINAL = Boolean(process.stderr.isTTY);
const HEARTBEAT_MS = ON_TERMINAL ? 1_000 : 15_000;

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Runs one long step: says what and why when it begins, how far it is while it runs, how long it took at the end.
 * @template T
 * @param {string} title what is done and why, without a full stop
 * @param {(progress: (text: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const start = Date.now();
  let progress = "";
  const line = () => `  … ${elapsed(start)}${progress && `, ${progress}`}`;
  say(`${title} …`);
  const heartbeat = setInterval(
    () => (ON_TERMINAL ? process.stderr.write(`\r\x1b[K${line()}`) : say(line())),
    HEARTBEAT_MS,
  );
  const end = () => {
    clearInterval(heartbeat);
    if (ON_TERMINAL) process.stderr.write("\r\x1b[K");
  };
  try {
    const result = await work(text => {
      progress = text;
    });
    end();
    say(`  done in ${elapsed(start)}${progress && ` (${progress})`}`);
    return result;
  } catch (error) {
    end();
    throw error;
  }
}

/** @param {number} start */
function elapsed(start) {
  const seconds = (Date.now() - start) / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
