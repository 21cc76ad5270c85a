import type { Terminal } from "../../commands/command";
import { printable } from "../../http/printable";
import { type Credential, isOvhApiError, type OvhApplication, OvhClient } from "../client";
import { type OvhSources, resolveConfiguration } from "../client/configuration";
import { isAllowed } from "../client/rules";
import { rulesShown } from "./arguments";

/** Says whose keys are in force, what they may do and until when. Of the keys themselves it shows the public one. */
export async function whoami(sources: OvhSources, { out }: Pick<Terminal, "out">): Promise<number> {
  const found = resolveConfiguration(sources);
  const client = new OvhClient({ ...sources, warn: () => undefined });
  const say = (name: string, value: string) => out.write(`${`${name}:`.padEnd(14)}${printable(value)}\n`);

  const { name, address } = found.endpoint;
  say("Endpoint", name === address ? address : `${name}, ${address}`);
  if ("oauth2" in found) {
    // An answer of any status but 401 proves the token.
    await client.call("GET", "/me").catch((error: unknown) => {
      if (!isOvhApiError(error) || !["forbidden", "notGranted", "notFound"].includes(error.kind)) throw error;
    });
    say("OAuth2 client", `${found.oauth2.id}, accepted. What it may do is in its policies (IAM).`);
    return 0;
  }

  const credential = await currentCredential(client);
  const { key, place } = found.application;
  say("Application", `${await applicationName(client, credential)}${key}, from ${place}`);
  const from = found.consumerKey?.place ?? "";
  if (credential === undefined) {
    say(
      "Consumer key",
      `valid, from ${from}. It has no rule for GET /auth/currentCredential, which tells the rest.`,
    );
    return 0;
  }
  say("Consumer key", `${credential.status}, number ${credential.credentialId}, from ${from}`);
  say("Made", credential.creation);
  say("Expires", credential.expiration ?? "never by itself");
  say("Last used", credential.lastUse ?? "never");
  say("Networks", credential.allowedIPs?.join(", ") || "all");
  out.write(`Rules:\n${printable(rulesShown(credential.rules))}`);
  return 0;
}

/** Undefined where the key may not ask. */
async function currentCredential(client: OvhClient): Promise<Credential | undefined> {
  try {
    return await client.get<Credential>("/auth/currentCredential");
  } catch (error) {
    if (isOvhApiError(error, "notGranted")) return undefined;
    throw error;
  }
}

/** `my-app, `, where the key may ask for it. */
async function applicationName(client: OvhClient, credential: Credential | undefined): Promise<string> {
  if (!credential) return "";
  const path = `/me/api/application/${credential.applicationId}`;
  if (!isAllowed(credential.rules, "GET", path)) return "";
  const { name } = await client.get<OvhApplication>(path);
  return `${name}, `;
}
