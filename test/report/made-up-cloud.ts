/** A cloud that does not exist: machines, and names that point to machines or applications. */
import type { Changed, ReportedKind } from "../../provider/report/kind";
import { inPlace } from "../../provider/report/meaning";
import { type Phrase, say } from "../../provider/report/phrase";
import { textOf } from "../../provider/report/property-change";
import type { ResourceKind } from "../../provider/resource/kind";
import { checkFields, Failures } from "../../provider/resource/table/check";
import type { FieldTable, Values } from "../../provider/resource/table/field";
import { internalFields } from "../../provider/resource/table/internal-fields";
import { integer, optional, pattern, secretString, string } from "../../provider/resource/table/schema";
import { UNKNOWN } from "../../provider/resource/table/unknown";
import type { MockedKind } from "../../provider/testing/kind";

const APPLICATION = "pulumi-nodejs:dynamic/tutum:Application";

export const MACHINE = {
  type: "pulumi-nodejs:dynamic/made-up:Machine",
  noun: "machine",
  className: "Machine",
  table: {
    label: { schema: string, change: "in-place" },
    image: { schema: string, change: "replace" },
    gigabytes: { schema: optional(integer(1)), default: 20, change: "in-place" },
    rootPass: { schema: optional(secretString), change: "replace", sensitive: true },
    ...internalFields,
  } satisfies FieldTable<never>,
  outputs: ["ipv4", "status"],
  nameProperty: "label",
} satisfies ResourceKind;

export const NAME = {
  type: "pulumi-nodejs:dynamic/made-up:Name",
  noun: "DNS record",
  className: "Name",
  table: {
    fqdn: { schema: pattern(/\./, "must have a dot"), change: "replace" },
    target: { schema: string, change: "in-place" },
    ttl: { schema: optional(integer(60)), default: 300, change: "in-place" },
    ...internalFields,
  } satisfies FieldTable<never>,
  outputs: [],
} satisfies ResourceKind;

const sentence = ({ step, links }: Changed): { fqdn: Phrase; target: Phrase; ttl: number } => {
  const { fqdn, target } = step.newState?.inputs ?? step.oldState?.inputs ?? {};
  const [linked] = links.after;
  return {
    fqdn: say`${String(fqdn)}`,
    target: say`${linked?.name ?? String(target)}`,
    ttl: Number(step.oldState?.inputs?.ttl ?? 300),
  };
};

const reportedName: ReportedKind = {
  ...NAME,
  collection: "names",
  links: {
    property: "target",
    targets: [APPLICATION, MACHINE.type],
    target: "an application or a machine",
    declared: value => (value === UNKNOWN ? [{}] : [{ id: String(value) }]),
    verb: "points to",
  },
  words: {
    created(changed) {
      const { fqdn, target } = sentence(changed);
      return [say`${fqdn} will point to ${target}`];
    },
    deleted(changed) {
      const { fqdn, ttl } = sentence(changed);
      return [say`${fqdn} will lead nowhere`, [`resolvers may keep the old answer for ${ttl} s`]];
    },
    replaced(changed) {
      const { fqdn, ttl } = sentence(changed);
      return [say`${fqdn} is a new name`, [`resolvers may keep the old answer for ${ttl} s`]];
    },
    updated(certain, changed) {
      const { fqdn, target, ttl } = sentence(changed);
      const points = say`${fqdn} will point to ${target}; resolvers may keep the old answer for ${[`${ttl} s`]}`;
      return certain.map(change => (change.field === "target" ? points : inPlace(change)));
    },
  },
  unreachable: changes =>
    changes
      .filter(({ step }) => step.operation === "delete")
      .map(({ step }) => say`${String(step.oldState?.inputs?.fqdn)} cannot be resolved afterwards.`),
};

const resized = ({ changes }: Changed) => changes.find(({ field }) => field === "gigabytes");

const reportedMachine: ReportedKind = {
  ...MACHINE,
  collection: "machines",
  components: ["made-up:index:Rack"],
  data: ({ inputs }) => ({ names: [String(inputs?.label)], likely: true }),
  shrinks(changed) {
    const { from, to } = resized(changed) ?? {};
    return from !== undefined && to !== undefined && Number(textOf(from)) > Number(textOf(to));
  },
  isStopped: changed => resized(changed) !== undefined,
  lastSeen: ({ outputs }) => String(outputs?.status),
  words: {
    created: ({ step }) => [say`a machine from ${String(step.newState?.inputs?.image)}`],
    deleted: ({ holdsData }) => [[holdsData ? "deleted, its disks are erased" : "deleted"]],
    replaced: () => [["new addresses, disks are erased"]],
    updated: certain =>
      certain.map(change => (change.field === "gigabytes" ? ["resized: it restarts"] : inPlace(change))),
    kept: "keeps running, and costing, on the server",
  },
  peak: changes => [[`At most ${changes.length + 1} machines at once.`]],
};

export const MADE_UP_KINDS: readonly ReportedKind[] = [reportedName, reportedMachine];

const checked = (kind: ResourceKind, given: Values) => {
  const failures = new Failures(given);
  const { inputs } = checkFields(kind.table, given, failures);
  return { inputs, failures: failures.all };
};

export const MOCKED_MACHINE: MockedKind = {
  ...MACHINE,
  check: (config, given) =>
    checked(MACHINE, { gigabytes: Number(config("made-up:gigabytes") ?? 20), ...given }),
  idOf: key => `machine-${key}`,
  outputsOf: (inputs, { name }) => ({ ...inputs, label: name, ipv4: "192.0.2.1", status: "running" }),
  existing: name => ({ label: name, image: "debian" }),
};

export const MOCKED_NAME: MockedKind = {
  ...NAME,
  check: (_config, given) => checked(NAME, given),
  idOf: key => `zone/${key}`,
  outputsOf: inputs => inputs,
  existing: name => ({ fqdn: `${name}.example.org`, target: "192.0.2.1" }),
};
