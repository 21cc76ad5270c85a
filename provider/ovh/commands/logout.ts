import type { Terminal } from "../../commands/command";
import { isOvhApiError, OvhClient, OvhConfigError } from "../client";
import { noConsumerKey, type OvhSources, resolveConfiguration } from "../client/configuration";
import type { Keeping } from "./keeping";

/** Ends the consumer key at OVH, and takes it out of where `login` keeps keys. */
export async function logout(
  keeping: Keeping,
  sources: OvhSources,
  { out, err }: Pick<Terminal, "out" | "err">,
): Promise<number> {
  const found = resolveConfiguration(sources);
  const { name } = found.endpoint;
  if (!("application" in found))
    throw new OvhConfigError(`An OAuth2 client is set for ${name}: it has no consumer key to end.`);
  if (!found.consumerKey) throw noConsumerKey(found.endpoint, found.places);
  const { place } = found.consumerKey;

  const client = new OvhClient({ ...sources, warn: () => undefined });
  const isEnded = await client.post("/auth/logout").then(
    () => false,
    (error: unknown) => {
      if (isOvhApiError(error, "invalidKey") || isOvhApiError(error, "unknownKey")) return true;
      throw error;
    },
  );
  out.write(isEnded ? "The consumer key was not valid any more.\n" : "The consumer key is ended at OVH.\n");
  if (await keeping.forget(name, place)) out.write(`It is taken out of ${keeping.name(name)}.\n`);
  else err.write(`It is still in ${place}: take it out there.\n`);
  return 0;
}
