/** Values as Pulumi's SDK hands them to mocks and puts them on its wire. */
import { isRecord } from "../http/json";
import { SIGNATURE, SPECIAL } from "../resource/special-values";
import { fromHost, UNKNOWN } from "../resource/table/unknown";

/** The value without the wrapping of secrets, and with `UNKNOWN` for what is not known in a preview. */
export function plain(value: unknown): unknown {
  return fromHost(unwrapped(value));
}

export function isSecretOnWire(value: unknown): boolean {
  return isRecord(value) && value[SIGNATURE] === SPECIAL.secret;
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isRecord(value)) return value;
  if (value.__pulumiUnknown === true) return UNKNOWN;
  if (isSecretOnWire(value)) return unwrapped(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapped(item)]));
}
