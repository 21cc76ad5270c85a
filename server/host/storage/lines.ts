/** Lines of the storage's files: a checksum and the JSON it belongs to. */
import { crc32 } from "node:zlib";

const NEWLINE = 10;
const SPACE = 32;

export function encodeLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

/** Undefined when the line (without its end) is not what was written. */
export function decodeLine(line: Buffer): unknown {
  const json = line.subarray(9);
  if (line[8] !== SPACE || line.toString("latin1", 0, 8) !== checksum(json)) return undefined;
  try {
    return JSON.parse(json.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** All lines that have an end, without it; `rest` is what comes after the last one. */
export function splitLines(bytes: Buffer): { lines: Buffer[]; rest: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return { lines, rest: bytes.subarray(start) };
}

function checksum(data: string | Buffer): string {
  return crc32(data).toString(16).padStart(8, "0");
}
