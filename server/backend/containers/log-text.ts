/** Logs come in frames, one for each piece of output: `[stream, 0, 0, 0, length (4 bytes, big-endian), ...bytes]`. */
import { StringDecoder } from "node:string_decoder";

const HEADER = 8;

/** Both streams in the order the engine read them. A character may be cut by the end of a frame. */
export function logText(frames: Buffer): string {
  const decoders = [0, 1, 2].map(() => new StringDecoder("utf8"));
  let text = "";
  for (let at = 0; at + HEADER <= frames.length; ) {
    const length = frames.readUInt32BE(at + 4);
    const decoder = decoders[frames.readUInt8(at)];
    text += decoder?.write(frames.subarray(at + HEADER, at + HEADER + length)) ?? "";
    at += HEADER + length;
  }
  return text + decoders.map(decoder => decoder.end()).join("");
}
