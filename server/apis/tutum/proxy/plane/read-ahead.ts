/** Reads what a client says before it may, so that its end is noticed, and keeps it for who comes next. */
import type { Socket } from "node:net";

/** More is left to the system, which tells the client to wait. */
const MOST = 64 * 1024;

/** Returns what stops it, and gives what came so far. */
export function readAhead(socket: Socket, first: Buffer): () => Buffer {
  const parts = [first];
  let size = first.length;
  const onData = (bytes: Buffer) => {
    parts.push(bytes);
    size += bytes.length;
    if (size > MOST) socket.pause();
  };
  const onEnd = () => socket.destroy();
  socket.on("data", onData).on("end", onEnd);
  return () => {
    socket.pause().off("data", onData).off("end", onEnd);
    return Buffer.concat(parts);
  };
}
