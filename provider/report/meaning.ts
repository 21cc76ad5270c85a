/** What a change means to whoever runs the applications, in a sentence. */
import { applicationFields } from "../tutum/lifecycle/fields";
import { type Changed, type ChangedByUrn, reason, rootCause } from "./causes";
import { type Domains, domainOf, domainsOf } from "./domains";
import { count, join, list, names, type Phrase, say } from "./phrase";
import type { FieldName, PropertyChange, Shown } from "./property-changes";

/** `followers` are the names of those that are replaced because this one is. */
export function meaning(changed: Changed, all: ChangedByUrn, followers: string[] = []): Phrase {
  const { operation } = changed.step;
  const domains = domainsIn(all);
  if (operation === "create" || operation === "import") return creation(changed, domains);
  if (operation === "delete") return deletion(changed, domains);
  if (operation === "replace") return replacement(changed, all, followers);
  return update(changed, domains);
}

const domainsOfAll = new WeakMap<ChangedByUrn, Domains>();

function domainsIn(all: ChangedByUrn): Domains {
  const domains = domainsOfAll.get(all) ?? domainsOf(all.values());
  domainsOfAll.set(all, domains);
  return domains;
}

/** Whether an update may turn into a replacement once its unknown values are known. */
export function mayBeReplaced({ step, changes }: Changed): boolean {
  return step.operation === "update" && changes.some(isUncertainReplacement);
}

/** Whether it is stopped, or gone before its successor comes. */
export function goesDown({ step, changes }: Changed): boolean {
  if (step.operation === "delete") return !step.leftover && !isKept({ step });
  if (step.operation === "replace") return step.deleteFirst;
  return (
    step.operation === "update" &&
    changes.some(({ field, to }) => field === "running" && text(to) === "false")
  );
}

/** How many containers a smaller count removes. */
export function containersRemoved({ step, changes }: Changed): number {
  const scaled = changes.find(({ field }) => field === "targetNumContainers");
  if (step.operation !== "update" || !scaled) return 0;
  return Math.max(0, Number(text(scaled.from)) - Number(text(scaled.to)) || 0);
}

function creation(changed: Changed, domains: Domains): Phrase {
  const { step, links } = changed;
  const { targetNumContainers, image, running, adopt } = step.newState?.inputs ?? {};
  if (typeof adopt === "string") return say`takes over ${adopt}, which exists on the server`;
  const containers =
    typeof targetNumContainers === "number" ? count(targetNumContainers, "container") : "containers";
  const stopped: Phrase = running === false ? [", stopped once it has started"] : [];
  const again: Phrase = step.refreshed?.before
    ? ["created again, as it was deleted outside Pulumi: "]
    : ["created: "];
  const targets = links.after.map(({ name }) => say`${name}`);
  const linked = targets.length > 0 ? say`, linked to ${list(targets)}` : [];
  const from = domains.from(changed);
  const domain = from ? say`; the domain ${domainOf(step.newState) ?? ""} moves to it from ${from}` : [];
  return say`${again}${[containers]} of ${typeof image === "string" ? image : "image"}${linked}${stopped}${domain}`;
}

function isKept({ step }: Pick<Changed, "step">): boolean {
  return step.oldState?.retainOnDelete === true;
}

function deletion(changed: Changed, domains: Domains): Phrase {
  const { step } = changed;
  if (step.leftover) return ["what an interrupted replacement left is deleted; the application itself stays"];
  if (isKept({ step }))
    return [
      "leaves the state, and keeps running on the server: the program says ",
      { code: "retainOnDelete" },
    ];
  const domain = domainOf(step.oldState);
  const to = domains.to(changed);
  const freed =
    domain === undefined
      ? []
      : to
        ? say`; its domain ${domain} moves to ${to}`
        : say`; ${domain} then leads nowhere`;
  const lost = changed.holdsData ? [", data in them is lost"] : [];
  return say`deleted with its containers${lost}${freed}`;
}

function replacement(changed: Changed, all: ChangedByUrn, followers: string[]): Phrase {
  const { step, changes } = changed;
  const root = rootCause(changed, all);
  const why = root ? say`${reason(changed, all)} (${root})` : reason(changed, all);
  const order: Phrase = step.deleteFirst
    ? ["; the old one is deleted first, so it is down until the new one runs"]
    : [];
  const scaled = changes.find(
    ({ field, forcesReplacement }) => field === "targetNumContainers" && !forcesReplacement,
  );
  const also = scaled ? say`; the new one has ${text(scaled.to) ?? "another number of"} containers` : [];
  const one = followers.length === 1;
  const follow =
    followers.length > 0
      ? say`; ${names(followers)} ${[one ? "is replaced because its link moves" : "are replaced because their links move"]}`
      : [];
  const lost = changed.holdsData ? [", data in its containers is lost"] : [", its containers are recreated"];
  return say`${why}: new uuid and DNS name${lost}${order}${domainMoves(changed, domainsIn(all))}${also}${follow}`;
}

/** The domain of the new application, and of the old one. */
function domainMoves(changed: Changed, domains: Domains): Phrase {
  const { step } = changed;
  const [from, to] = [domainOf(step.oldState), domainOf(step.newState)];
  if (from === to) return from === undefined ? [] : say`; ${from} leads to the new one once it runs`;
  const [giver, getter] = [domains.from(changed), domains.to(changed)];
  const gone = say`its domain ${from ?? ""} ${getter ? say`moves to ${getter}` : ["goes"]}`;
  if (to === undefined) return say`; ${gone}`;
  const got = giver ? say`the domain ${to} moves to it from ${giver}` : say`it gets the domain ${to}`;
  if (from === undefined) return say`; ${got}`;
  return giver || getter ? say`; ${gone}, and ${got}` : say`; its domain moves from ${from} to ${to}`;
}

function update(changed: Changed, domains: Domains): Phrase {
  const { changes, step } = changed;
  if (changes.length === 0) {
    const state = step.oldState?.outputs?.state;
    const seen = typeof state === "string" ? say`: it was ${state} when last seen` : [];
    return say`resumed, no property differs${seen}`;
  }
  const uncertain = [...new Set(changes.filter(isUncertainReplacement).map(({ field }) => field))];
  const certain = changes.filter(change => !isUncertainReplacement(change));
  const sentences = certain.flatMap(change => inPlace(change, changed, domains));
  const restart =
    certain.length > 0 && certain.every(({ field }) => applicationFields[field].change === "in-place");
  const calm: Phrase[] = restart ? [["no restart"]] : [];
  const removed = containersRemoved(changed);
  const data = changed.holdsData ? ` and the data in ${removed > 1 ? "them" : "it"}` : "";
  const loss: Phrase[] =
    removed > 0 ? [[`${count(removed, "container")}${data} ${removed > 1 || data ? "go" : "goes"}`]] : [];
  const maybe: Phrase[] =
    uncertain.length > 0
      ? [
          say`replaced if ${list(uncertain.map(field => say`${field}`))} turns out different, which is not known before ${"pulumi up"}`,
        ]
      : [];
  return join([...sentences, ...calm, ...loss, ...maybe], ", ");
}

function inPlace({ field, from, to }: PropertyChange, changed: Changed, domains: Domains): Phrase[] {
  switch (field) {
    case "targetNumContainers":
      return [say`scaled in place ${[`${text(from) ?? "1"} → ${text(to) ?? "?"}`]}`];
    case "webPublicDns":
      return domainChanges(from, to, changed, domains);
    case "running":
      return [text(to) === "false" ? ["stopped: its containers stop, nothing is deleted"] : ["started"]];
    case "deadlines":
      return [["its deadlines change, nothing on the server"]];
    case "secretInputs":
      return [["which of its arguments are secrets changes, nothing on the server"]];
    default:
      return [say`${field} changes in place`];
  }
}

function domainChanges(from: Shown, to: Shown, changed: Changed, domains: Domains): Phrase[] {
  const [giver, getter] = [domains.from(changed), domains.to(changed)];
  const old = text(from);
  const gone = getter
    ? say`its domain ${old ?? ""} moves to ${getter}`
    : say`its domain ${old ?? "name"} is removed`;
  if (to.kind === "none") return [gone];
  const got = giver
    ? say`the domain ${text(to) ?? ""} moves to it from ${giver}`
    : say`gets the domain ${text(to) ?? "that is known later"}`;
  if (from.kind === "none") return [got];
  return giver || getter ? [gone, got] : [say`its domain moves from ${old ?? "?"} to ${text(to) ?? "?"}`];
}

function isUncertainReplacement({ field, forcesReplacement }: PropertyChange): boolean {
  return applicationFields[field as FieldName].change === "replace" && !forcesReplacement;
}

function text(shown: Shown): string | undefined {
  return shown.kind === "value" ? shown.text : undefined;
}

/** Whether the property says nothing that the rest of the row doesn't. */
export function isObvious({ field, from, to }: PropertyChange, changed: Changed): boolean {
  return field === "name" && from.kind === "none" && text(to) === changed.step.name;
}
