/** What a record says: from the text that zone files have, as `10 mail.example.org.` of an MX, to what is sent. */
import { isIPv4, isIPv6 } from "node:net";
import type { Answer } from "dns-packet";
import { absolute, isName } from "./names";

/** An answer but for its name and its life. */
export type RecordData = Pick<Extract<Answer, { data: unknown }>, "type" | "data">;

/** Undefined: the text is none of the type, or the type is not known. */
export function readData(type: string, text: string, zone: string): RecordData | undefined {
  return READERS[type]?.(text, zone);
}

type Read = (text: string, zone: string) => RecordData | undefined;

const MAX_STRING = 255;

const named =
  (type: "CNAME" | "DNAME" | "NS" | "PTR"): Read =>
  (text, zone) => {
    const data = nameIn(text, zone);
    return data === undefined ? undefined : ({ type, data } as RecordData);
  };

const textual: Read = text => {
  const strings = stringsIn(text);
  return strings.length === 0 ? undefined : { type: "TXT", data: strings };
};

const READERS: Record<string, Read> = {
  A: text => (isIPv4(text) ? { type: "A", data: text } : undefined),
  AAAA: text => (isIPv6(text) && !text.includes("%") ? { type: "AAAA", data: text } : undefined),
  CNAME: named("CNAME"),
  DNAME: named("DNAME"),
  NS: named("NS"),
  PTR: named("PTR"),
  TXT: textual,
  // They are texts on the wire: the types of their own are not used any more, or never were types.
  SPF: textual,
  DKIM: textual,
  DMARC: textual,
  MX(text, zone) {
    const [preference, name, ...more] = text.trim().split(/\s+/);
    const exchange = nameIn(name, zone);
    const [number] = numbersIn([preference], 65_535);
    if (number === undefined || exchange === undefined || more.length > 0) return undefined;
    return { type: "MX", data: { preference: number, exchange } };
  },
  SRV(text, zone) {
    const [first, second, third, name, ...more] = text.trim().split(/\s+/);
    const [priority, weight, port] = numbersIn([first, second, third], 65_535);
    const target = name === "." ? "." : nameIn(name, zone);
    if (priority === undefined || weight === undefined || port === undefined) return undefined;
    if (target === undefined || more.length > 0) return undefined;
    return { type: "SRV", data: { priority, weight, port, target } };
  },
  CAA(text) {
    const [, flag, tag, rest = ""] = /^\s*(\d+)\s+(issue|issuewild|iodef)\s+(\S.*)$/.exec(text) ?? [];
    const [flags] = numbersIn([flag], 255);
    const [value, ...more] = stringsIn(rest);
    if (flags === undefined || value === undefined || more.length > 0) return undefined;
    return { type: "CAA", data: { flags, tag: tag as "issue", value: value.toString() } };
  },
  SSHFP(text) {
    const [first, second, ...digits] = text.trim().split(/\s+/);
    const [algorithm, hash] = numbersIn([first, second], 255);
    const fingerprint = digits.join("").toLowerCase();
    if (algorithm === undefined || hash === undefined || !isHex(fingerprint)) return undefined;
    return { type: "SSHFP", data: { algorithm, hash, fingerprint } };
  },
  TLSA(text) {
    const [first, second, third, ...digits] = text.trim().split(/\s+/);
    const [usage, selector, matchingType] = numbersIn([first, second, third], 255);
    const hex = digits.join("");
    if (usage === undefined || selector === undefined || matchingType === undefined) return undefined;
    if (!isHex(hex)) return undefined;
    return { type: "TLSA", data: { usage, selector, matchingType, certificate: Buffer.from(hex, "hex") } };
  },
  NAPTR(text, zone) {
    const [, first, second, strings = "", name] =
      /^\s*(\d+)\s+(\d+)\s+("[^"]*"\s+"[^"]*"\s+"[^"]*")\s+(\S+)\s*$/.exec(text) ?? [];
    const [order, preference] = numbersIn([first, second], 65_535);
    const [flags, services, regexp] = stringsIn(strings).map(String);
    const replacement = name === "." ? "." : nameIn(name, zone);
    if (order === undefined || preference === undefined || replacement === undefined) return undefined;
    if (flags === undefined || services === undefined || regexp === undefined) return undefined;
    return { type: "NAPTR", data: { order, preference, flags, services, regexp, replacement } };
  },
};

function nameIn(text: string | undefined, zone: string): string | undefined {
  if (text === undefined) return undefined;
  const name = absolute(text.trim(), zone);
  return isName(name) ? name : undefined;
}

/** Whole numbers up to `max`; undefined in place of anything else. */
function numbersIn(texts: readonly (string | undefined)[], max: number): (number | undefined)[] {
  return texts.map(text =>
    text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= max ? Number(text) : undefined,
  );
}

function isHex(text: string): boolean {
  return /^([0-9a-f]{2})+$/i.test(text);
}

/** `"one" "two"`, or a text without quotes that is one; each in pieces that a packet can hold. */
function stringsIn(text: string): Buffer[] {
  const quoted = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, inner = ""]) =>
    inner.replace(/\\(.)/gs, "$1"),
  );
  const strings = text.trim().startsWith('"') ? quoted : [text.trim()].filter(each => each !== "");
  return strings.flatMap(each => piecesOf(Buffer.from(each)));
}

function piecesOf(bytes: Buffer): Buffer[] {
  if (bytes.length === 0) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MAX_STRING) pieces.push(bytes.subarray(at, at + MAX_STRING));
  return pieces;
}
