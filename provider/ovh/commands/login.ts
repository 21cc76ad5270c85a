import { awaitBrowser } from "../../commands/browser-return";
import { type Terminal, UsageError } from "../../commands/command";
import { type Clock, systemClock } from "../../http/clock";
import { printable } from "../../http/printable";
import {
  type AccessRule,
  type ConsumerKeyRequest,
  isOvhApiError,
  OvhClient,
  OvhConfigError,
  rules,
} from "../client";
import { type Found, type OvhSources, resolveConfiguration } from "../client/configuration";
import { isAllowed } from "../client/rules";
import { rulesOf, rulesShown, USAGE } from "./arguments";
import type { Keeping } from "./keeping";
import { validated } from "./validation";

export interface Login {
  keeping: Keeping;
  sources: OvhSources;
  /** As they were typed. */
  allow: readonly string[];
  ips: readonly string[];
  redirect?: string;
  /** How long to wait, in minutes. */
  wait: number;
}

/** What a key needs besides to be looked at and to be ended. */
const ITS_OWN: readonly AccessRule[] = [
  ...rules.exactly(["GET"], "/auth/currentCredential"),
  ...rules.exactly(["POST"], "/auth/logout"),
];

/** The key may be seen to be valid while the browser is on its way back: for so long it finds its page, in milliseconds. */
const ON_ITS_WAY = 2_000;

/** Ctrl-C, as shells have it. */
const INTERRUPTED = 130;

/** Requests a consumer key, waits until it is validated, and keeps it. */
export async function login(
  { keeping, sources, allow, ips, redirect, wait }: Login,
  { out, err }: Pick<Terminal, "out" | "err">,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<number> {
  if (allow.length === 0)
    throw new UsageError(
      "Say what the key is for: --allow rw:/domain/zone/example.org, for instance.",
      USAGE,
    );
  const asked = allow.flatMap(rulesOf);
  const accessRules = [...asked, ...ITS_OWN.filter(({ method, path }) => !isAllowed(asked, method, path))];
  const found = resolveConfiguration(sources);
  if (!("application" in found))
    throw new OvhConfigError(
      `An OAuth2 client is set for ${found.endpoint.name}: it has no consumer keys, what it may do is in its policies (IAM).`,
    );
  const { name } = found.endpoint;
  const client = new OvhClient({ ...sources, warn: () => undefined });

  const browser = redirect === undefined ? await awaitBrowser(COME_BACK) : undefined;
  const returned = browser?.returned ?? new AbortController().signal;
  try {
    const request = await requested(client, accessRules, { ips, redirect, back: browser?.url, signal });
    out.write(
      `The key for ${name} is to have these rules:\n${rulesShown(accessRules)}\n` +
        `Open this address in a browser, log in, and say yes or no:\n\n  ${printable(request.validationUrl)}\n\n` +
        `Waiting for that, ${wait} minutes at most.${browser ? LEADS_BACK : ""}\n`,
    );
    const credential = await validated(client, { patience: wait * 60_000, clock, signal, returned });
    const until = credential?.expiration ? `, until ${printable(credential.expiration)}` : "";
    out.write(`The key is valid${until}.\n`);
    const { key: applicationKey, secret: applicationSecret } = found.application;
    await keeping.keep(name, { applicationKey, applicationSecret, consumerKey: request.consumerKey });
    out.write(`It is kept in ${keeping.name(name)}.\n`);
    if (found.consumerKey)
      await tellOfOther(found.consumerKey, request, keeping, { ...sources, endpoint: name }, err);
    if (browser) await clock.sleep(ON_ITS_WAY, AbortSignal.any([signal, returned])).catch(() => undefined);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    err.write("Interrupted. A key that nobody validates expires at OVH; `ovh login` requests another one.\n");
    return INTERRUPTED;
  } finally {
    await browser?.close();
  }
}

const COME_BACK = "Back to pulumi-tutum: you can close this page, and look at the terminal.";
const LEADS_BACK =
  " The browser then comes back to this machine; from another machine it cannot, which does no harm.";

interface How {
  ips: readonly string[];
  redirect: string | undefined;
  /** Where the browser comes back to. */
  back: string | undefined;
  signal: AbortSignal;
}

async function requested(
  client: OvhClient,
  accessRules: readonly AccessRule[],
  { ips, redirect, back, signal }: How,
): Promise<ConsumerKeyRequest> {
  const allowedIps = ips.length > 0 ? ips : undefined;
  const ask = (redirection?: string) =>
    client.requestConsumerKey(accessRules, { redirection, allowedIps, signal });
  if (back === undefined) return ask(redirect);
  try {
    return await ask(back);
  } catch (error) {
    // An address of this machine may not be accepted; without one it only takes longer to see what was said.
    if (isOvhApiError(error, "badRequest")) return ask();
    throw error;
  }
}

/** The one that was there before may come first still, and is good for as long as it was. */
async function tellOfOther(
  before: Found,
  { consumerKey }: ConsumerKeyRequest,
  keeping: Keeping,
  sources: OvhSources,
  err: Terminal["err"],
): Promise<void> {
  err.write(`The key that was in ${before.place} stays valid until it expires at OVH.\n`);
  const now = resolveConfiguration({ ...sources, ...(await keeping.sources()), warn: () => undefined });
  const found = "application" in now ? now.consumerKey : undefined;
  if (found && found.value !== consumerKey)
    err.write(`${found.place} has another key, which comes first: take it out there.\n`);
}
