import { type CheckFailure, type CheckResult, checkFields } from "../../resource/check";
import type { Values } from "../../resource/field";
import { show } from "../../resource/schema";
import { hasUnknown } from "../../resource/unknown";
import { uuidOf } from "../client/references";
import type { ApplicationContext } from "./context";
import { applicationFields, type Link, type Port } from "./fields";

/** Every field by itself, then what fields ask of one another. */
export function check(context: ApplicationContext, _oldInputs: Values, given: Values): CheckResult {
  const { inputs, failures } = checkFields(applicationFields, given);
  if (failures.length > 0) return { inputs, failures };
  return {
    inputs,
    failures: [...accountMissing(context, inputs), ...domainNeedsPort80(inputs), ...twice(inputs)],
  };
}

function accountMissing({ accountRequired }: ApplicationContext, { account }: Values): CheckFailure[] {
  if (!accountRequired || account !== undefined) return [];
  return [failure("account", "is required: stack config tutum:accountRequired forbids the default account")];
}

/** Ports left to the image, or not known yet, get the benefit of the doubt: the server decides at `up`. */
function domainNeedsPort80({ webPublicDns: domain, containerPorts: ports }: Values): CheckFailure[] {
  if (domain === undefined || ports === undefined || hasUnknown(ports)) return [];
  if ((ports as Port[]).some(port => port.innerPort === 80 && port.protocol === "tcp")) return [];
  const reason =
    `webPublicDns ${show(domain)} needs an application that listens on port 80: ` +
    "add { innerPort: 80 } to containerPorts, or leave webPublicDns out";
  return [{ property: "webPublicDns", reason }];
}

/** Nothing may be listed twice: servers refuse it, or drop one of the two. */
function twice({ containerPorts, linkedToApplication }: Values): CheckFailure[] {
  const ports = known<Port>(containerPorts).map(port => `port ${port.innerPort}/${port.protocol}`);
  const links = known<Link>(linkedToApplication);
  const targets = links.map(link => `a link to ${uuidOf(link.application)}`);
  const names = links.flatMap(link => (link.name ? [`a link named ${show(link.name)}`] : []));
  return [
    ...repeated(ports).map(port => failure("containerPorts", `has ${port} twice`)),
    ...repeated(targets).map(link => failure("linkedToApplication", `has ${link} twice`)),
    ...repeated(names).map(link =>
      failure("linkedToApplication", `has ${link} twice: give one of them another as { application, name }`),
    ),
  ];
}

function failure(property: string, words: string): CheckFailure {
  return { property, reason: `${property} ${words}` };
}

function known<T>(values: unknown): T[] {
  return Array.isArray(values) ? values.filter(value => !hasUnknown(value)) : [];
}

function repeated(values: string[]): string[] {
  return [...new Set(values.filter((value, n) => values.indexOf(value) !== n))];
}
