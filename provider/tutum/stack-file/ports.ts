/** Ports of a service: `80`, `443:443`, `127.0.0.1:80:80`, `53/udp`, `3000-3005`, or `{ target, protocol, … }`. */
import { show } from "../../resource/table/schema";
import { PORT_PROTOCOLS, type PortProtocol } from "../client/types";
import { each, ignored, type Keys, keysOf, reads } from "./key";
import type { Service } from "./service";
import type { Value } from "./value";

const RANGE = /^(\d+)(?:-(\d+))?$/;

export function port(item: Value, service: Service): undefined {
  if (item.isMap) return longPort(item, service);
  const text = item.known();
  if (text === undefined) return;
  const [, host, range = "", protocol] = /^(?:(.*):)?([^:/]*)(?:\/(.*))?$/.exec(text) ?? [];
  const [, first, last = first] = RANGE.exec(range) ?? [];
  if (first === undefined)
    return item.error(`must be a port like "80", "443:443" or "53/udp", not ${show(text)}.`);
  if (protocol !== undefined && !isProtocol(protocol))
    return item.error(`must have the protocol tcp or udp, not ${show(protocol)}.`);
  const [from, to] = [Number(first), Number(last)];
  if (from < 1 || to > 65_535 || to < from || to - from > 1000)
    return item.error(`must be a port from 1 to 65535, or a range of at most 1000, not ${show(range)}.`);
  if (host !== undefined) item.warn(hostPort(host));
  for (let inner = from; inner <= to; inner += 1) service.addPort(inner, protocol ?? "tcp");
}

interface LongPort {
  /** NaN after an error. */
  target?: number;
  protocol: PortProtocol;
}

const PORT_KEYS: Keys<LongPort> = {
  target: reads((value, port) => {
    const text = value.known();
    port.target = Number(text);
    if (text === undefined || (RANGE.test(text) && port.target >= 1 && port.target <= 65_535)) return;
    value.error(`must be a port from 1 to 65535, not ${show(text)}.`);
    port.target = Number.NaN;
  }),
  protocol: reads((value, port) => {
    port.protocol = value.oneOf(PORT_PROTOCOLS) ?? "tcp";
  }),
  published: { verdict: "warning", read: value => value.warn(hostPort(value.raw ?? "")) },
  ...each("host_ip mode name app_protocol", ignored("the server chooses the ports of its hosts")),
};

function longPort(item: Value, service: Service): undefined {
  const read: LongPort = { protocol: "tcp" };
  keysOf(item, PORT_KEYS, read, "a port");
  if (read.target === undefined) item.error("has no target, the port that the containers listen on.");
  else if (Number.isInteger(read.target)) service.addPort(read.target, read.protocol);
}

function hostPort(host: string): string {
  return `asks for ${show(host)} on the host, which the server chooses: look it up, or use webPublicDns for port 80.`;
}

function isProtocol(text: string): text is PortProtocol {
  return (PORT_PROTOCOLS as readonly string[]).includes(text);
}
