/** Values as Pulumi's SDK hands them to mocks and puts them on its wire. */
import { isRecord } from "../http/json";
import { fromHost, UNKNOWN } from "../resource/table/unknown";

/** The value without the wrapping of secrets, and with `UNKNOWN` for what is not known in a preview. */
export function plain(value: unknown): unknown {
  return fromHost(unwrapped(value));
}

export function isSecretOnWire(value: unknown): boolean {
  return isRecord(value) && value[SIGNATURE] === SECRET;
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isRecord(value)) return value;
  if (value.__pulumiUnknown === true) return UNKNOWN;
  if (isSecretOnWire(value)) return unwrapped(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapped(item)]));
}

/** How Pulumi marks special values on its wire, and secrets among them. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
