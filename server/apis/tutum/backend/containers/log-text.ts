/** Logs come in frames, one for each piece of output: `[stream, 0, 0, 0, length (4 bytes, big-endian), ...bytes]`. */
import { StringDecoder } from "node:string_decoder";

const HEADER = 8;
/** Bytes of output that are kept of one container: the last ones. */
export const LOG_BYTES = 256 * 1024;

interface Frame {
  stream: number;
  bytes: Buffer;
}

/** Takes frames as they come, cut anywhere, and keeps the end of them: what was written may be endless. */
export class LogTail {
  private readonly frames: Frame[] = [];
  private kept = 0;
  private rest: Buffer = Buffer.alloc(0);

  static async of(stream: AsyncIterable<Buffer>): Promise<string> {
    const tail = new LogTail();
    for await (const chunk of stream) tail.push(chunk);
    return tail.text();
  }

  constructor(private readonly limit = LOG_BYTES) {}

  push(chunk: Buffer): void {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (bytes.length >= HEADER) {
      const length = bytes.readUInt32BE(4);
      if (bytes.length < HEADER + length) break;
      this.keep({ stream: bytes.readUInt8(0), bytes: bytes.subarray(HEADER, HEADER + length) });
      bytes = bytes.subarray(HEADER + length);
    }
    // A copy: what it is a part of would stay in memory with it.
    this.rest = Buffer.from(bytes);
  }

  /** Both streams in the order the engine read them. A character may be cut by the end of a frame. */
  text(): string {
    const decoders = [0, 1, 2].map(() => new StringDecoder("utf8"));
    const written = this.frames.map(({ stream, bytes }) => decoders[stream]?.write(bytes) ?? "");
    return written.join("") + decoders.map(decoder => decoder.end()).join("");
  }

  /** Whole frames, as long as there is enough without the first. */
  private keep({ stream, bytes }: Frame): void {
    const end = Buffer.from(bytes.subarray(-this.limit));
    this.frames.push({ stream, bytes: end });
    this.kept += end.length;
    for (
      let [first] = this.frames;
      first && this.kept - first.bytes.length >= this.limit;
      [first] = this.frames
    ) {
      this.kept -= first.bytes.length;
      this.frames.shift();
    }
  }
}
