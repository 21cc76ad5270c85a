/** Passes bytes on as fast as the slower side takes them; neither side is waited for without end. */
import type { Readable, Writable } from "node:stream";

export interface Pumping {
  /** Milliseconds until `sourceStalls`: nothing comes, although it would be taken. */
  sourceMs: number;
  sourceStalls(): void;
  /** Milliseconds until `sinkStalls`: it takes nothing. */
  sinkMs: number;
  sinkStalls(): void;
  /** The source has said all it had to say. */
  end(): void;
  /** Something was passed on. */
  progress?(): void;
}

/** Returns what ends it early. Errors of the two are the caller's. */
export function pump(source: Readable, sink: Writable, pumping: Pumping): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (ms: number, stalls: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stop();
      stalls();
    }, ms);
  };
  const waitForSource = () => wait(pumping.sourceMs, pumping.sourceStalls);
  const onData = (bytes: Buffer) => {
    pumping.progress?.();
    if (!sink.writable) return;
    if (sink.write(bytes)) return waitForSource();
    source.pause();
    wait(pumping.sinkMs, pumping.sinkStalls);
  };
  const onDrain = () => {
    waitForSource();
    source.resume();
  };
  const onEnd = () => {
    stop();
    pumping.end();
  };
  const stop = () => {
    clearTimeout(timer);
    source.off("data", onData).off("end", onEnd).off("close", stop);
    sink.off("drain", onDrain).off("close", stop);
  };
  source.on("data", onData).on("end", onEnd).on("close", stop).resume();
  sink.on("drain", onDrain).on("close", stop);
  if (!source.destroyed && !sink.destroyed) waitForSource();
  return stop;
}
