/** A stand-in for a cloud's API is for tests on this machine: a server that others rely on has none. */
import type { Api } from "./api";
import { UserError } from "./errors";
import { isPublic, type Reach } from "./http/reach";

/** Throws a `UserError` when one of the APIs is a stand-in and the server is more than a test server. */
export function refuseStandIns(apis: readonly Pick<Api, "name" | "standIn" | "real">[], reach: Reach): void {
  const standIn = apis.find(api => api.standIn);
  if (!standIn) return;
  const refusal = `"${standIn.name}" is a simulated API for tests`;
  const real = apis.find(api => api.real !== undefined)?.real;
  if (real !== undefined) throw new UserError(`${refusal}: it cannot be served next to ${real}`);
  if (!isPublic(reach)) return;
  throw new UserError(
    `${refusal}: it cannot be served where others can connect (host ${reach.host}${givenOf(reach)}), only on the loopback`,
  );
}

function givenOf({ names, trustProxy }: Reach): string {
  const given = [
    ...names.map(name => `allowed host ${name}`),
    ...trustProxy.map(address => `trusted proxy ${address}`),
  ];
  return given.map(text => `, ${text}`).join("");
}
