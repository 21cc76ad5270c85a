import { parseArgs } from "node:util";
import { type Command, type Terminal, UsageError } from "../../commands/command";
import type { OvhSources } from "../client/configuration";
import { keepingOf, OPTIONS, USAGE } from "./arguments";
import type { Keeping } from "./keeping";
import { login } from "./login";
import { logout } from "./logout";
import { whoami } from "./whoami";

const HELP = `Usage: pulumi-tutum ovh login --allow RULE... [options]
       pulumi-tutum ovh whoami [options]
       pulumi-tutum ovh logout [options]

login requests a consumer key, shows the address where the owner of the account says yes or no, waits for that, and
keeps the key: in ~/.ovh.conf with the application's key and secret, or in the configuration of a stack. whoami says
whose keys are in force, what they may do and until when. logout ends the key at OVH and takes it out of where it is
kept. No secret is shown.

  --endpoint NAME      ovh-eu, another name, or an address (default: OVH_ENDPOINT, then [default] of ovh.conf)
  --config             keep and find keys in the configuration of the stack, the secret ones encrypted
  --stack NAME         with --config: of this stack (default: the one that is selected)

login:
  --allow RULE         what the key may do, as often as needed: ro:PATH (GET), safe:PATH (GET, POST, PUT) and rw:PATH
                       (DELETE, too) are the path and all below it, / is the whole API; GET,PUT:PATH is the path alone
  --ip NETWORK         where the key may be used from, as 192.0.2.0/24, as often as needed (default: anywhere)
  --redirect URL       where the browser goes in the end (default: a page of this command)
  --wait MINUTES       how long to wait for yes or no (default: 15)

The application's key and secret are made at https://eu.api.ovh.com/createApp/ (each endpoint has such a page). They
are looked up, each separately, in OVH_APPLICATION_KEY and OVH_APPLICATION_SECRET, ./ovh.conf, ~/.ovh.conf and
/etc/ovh.conf, with --config in the stack's configuration first.

Exit codes: 0 done; 1 refused, expired, or it failed; 130 interrupted.
`;

const LOGIN_OPTIONS = {
  allow: { type: "string", multiple: true, default: [] as string[] },
  ip: { type: "string", multiple: true, default: [] as string[] },
  redirect: { type: "string" },
  wait: { type: "string", default: "15" },
} as const;

/** `pulumi-tutum ovh`: consumer keys from the command line. */
export const ovh: Command = {
  summary: "keys for OVH's API: login, whoami, logout",
  help: HELP,
  async run([name = "", ...args], terminal) {
    if (name === "login") return runLogin(args, terminal);
    if (name !== "whoami" && name !== "logout")
      throw new UsageError(
        name === ""
          ? "Say which: login, whoami or logout."
          : `There is no command ovh ${JSON.stringify(name)}.`,
        USAGE,
      );
    const { values } = usable(() => parseArgs({ args, options: OPTIONS }));
    const keeping = keepingOf(values, terminal.env);
    const sources = await sourcesOf(keeping, values.endpoint);
    return name === "whoami" ? whoami(sources, terminal) : logout(keeping, sources, terminal);
  },
};

async function runLogin(args: string[], terminal: Terminal): Promise<number> {
  const { values } = usable(() => parseArgs({ args, options: { ...OPTIONS, ...LOGIN_OPTIONS } }));
  const { endpoint, allow, ip: ips, redirect } = values;
  const wait = Number(values.wait);
  if (!(wait >= 0))
    throw new UsageError(`--wait must be a number of minutes, not ${JSON.stringify(values.wait)}.`, USAGE);
  const keeping = keepingOf(values, terminal.env);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error("interrupted"));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    const asked = { keeping, sources: await sourcesOf(keeping, endpoint), allow, ips, redirect, wait };
    return await login(asked, terminal, interrupted.signal);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

async function sourcesOf(keeping: Keeping, endpoint: string | undefined): Promise<OvhSources> {
  return { ...(await keeping.sources()), ...(endpoint !== undefined && { endpoint }) };
}

function usable<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), USAGE);
  }
}
