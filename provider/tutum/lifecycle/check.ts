import { type CheckResult, checkFields, Failures } from "../../resource/table/check";
import type { Values } from "../../resource/table/field";
import { bodyOf } from "../../resource/table/outputs";
import { counted, show } from "../../resource/table/schema";
import { hasUnknown } from "../../resource/table/unknown";
import { uuidOf } from "../client/references";
import type { ApplicationContext } from "./context";
import { withName } from "./default-name";
import { applicationFields, type Link, type Port } from "./fields";

/** Every field by itself, then what fields ask of one another. */
export function check(context: ApplicationContext, oldInputs: Values, given: Values): CheckResult {
  context.announce?.(context.settingsProblem);
  if (oldInputs.name !== undefined) context.resources.add(given.resourceHash);
  const named = withName(context, oldInputs, given);
  const failures = new Failures(named);
  const { inputs } = checkFields(applicationFields, named, failures);
  if (failures.all.length === 0) {
    accountMissing(context, inputs, failures);
    domainNeedsPort80(inputs, failures);
    twice(inputs, failures);
    tooLarge(inputs, failures);
  }
  return { inputs, failures: failures.all };
}

function accountMissing(context: ApplicationContext, { account }: Values, failures: Failures): void {
  try {
    if (context.accountRequired && account === undefined)
      failures.add("account", "is required: stack config tutum:accountRequired forbids the default account");
  } catch (error) {
    failures.add("account", `cannot be checked: ${(error as Error).message}`);
  }
  const slip = typeof account === "string" && context.nearestAccount(account);
  if (slip) {
    const shown = failures.shown("account", account);
    failures.add(
      "account",
      `${shown}is neither in stack config tutum:accounts nor in ~/.tutum${slip}`.replace(/\?$/, "?"),
    );
  }
}

/** Ports left to the image, or not known yet, get the benefit of the doubt: the server decides at `up`. */
function domainNeedsPort80(
  { webPublicDns: domain, containerPorts: ports }: Values,
  failures: Failures,
): void {
  if (domain === undefined || ports === undefined || hasUnknown(ports)) return;
  if ((ports as Port[]).some(port => port.innerPort === 80 && port.protocol === "tcp")) return;
  failures.add(
    "webPublicDns",
    `${failures.shown("webPublicDns", domain)}needs an application that listens on port 80: ` +
      "add { innerPort: 80 } to containerPorts, or leave webPublicDns out",
  );
}

/** Nothing may be listed twice: servers refuse it, or drop one of the two. */
function twice({ containerPorts, linkedToApplication }: Values, failures: Failures): void {
  const ports = known<Port>(containerPorts).map(port => `port ${port.innerPort}/${port.protocol}`);
  const links = known<Link>(linkedToApplication);
  const targets = links.map(link => `a link to ${uuidOf(link.application)}`);
  const names = links.flatMap(link => (link.name ? [`a link named ${show(link.name)}`] : []));
  const told = (name: string, what: string, general: string) =>
    failures.mode(name) ? `${general} twice` : `${what} twice`;
  for (const port of repeated(ports))
    failures.add("containerPorts", `has ${told("containerPorts", port, "a port")}`);
  for (const link of repeated(targets))
    failures.add("linkedToApplication", `has ${told("linkedToApplication", link, "a link")}`);
  for (const link of repeated(names)) {
    const what = told("linkedToApplication", link, "a link's name");
    failures.add("linkedToApplication", `has ${what}: give one of them another as { application, name }`);
  }
}

/** What a request may be large, in bytes; a little is left for what is sent besides. */
const LARGEST_BODY = 1024 * 1024 - 1024;

function tooLarge(inputs: Values, failures: Failures): void {
  const names = Object.keys(inputs).filter(name => !hasUnknown(inputs[name]));
  const bytes = Buffer.byteLength(JSON.stringify(bodyOf(applicationFields, inputs, names)));
  if (bytes > LARGEST_BODY)
    failures.add(
      "containerEnvvars",
      `and the other arguments are ${counted(bytes)} bytes together, and a request has at most 1 MiB: ` +
        "hand large values over in another way, as in a file of the image",
    );
}

function known<T>(values: unknown): T[] {
  return Array.isArray(values) ? values.filter(value => !hasUnknown(value)) : [];
}

function repeated(values: string[]): string[] {
  return [...new Set(values.filter((value, n) => values.indexOf(value) !== n))];
}
