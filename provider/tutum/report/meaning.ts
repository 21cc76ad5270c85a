/** What a change of an application means to whoever runs it. */
import type { Changed, ChangedByUrn, ChangeWords } from "../../report/kind";
import { inPlace } from "../../report/meaning";
import { count, list, type Phrase, say } from "../../report/phrase";
import { type PropertyChange, type Shown, textOf } from "../../report/property-change";
import { APPLICATION } from "../kind";
import { type Domains, domainOf, domainsOf } from "./domains";

export const applicationWords: ChangeWords = {
  created,
  deleted,
  replaced,
  updated,
  kept: "keeps running on the server",
};

/** How many containers a smaller count removes. */
export function containersRemoved({ changes }: Changed): number {
  const scaled = changes.find(({ field }) => field === "targetNumContainers");
  if (!scaled) return 0;
  return Math.max(0, Number(textOf(scaled.from)) - Number(textOf(scaled.to)) || 0);
}

export function isStopped({ changes }: Changed): boolean {
  return changes.some(({ field, to }) => field === "running" && textOf(to) === "false");
}

const domainsOfAll = new WeakMap<ChangedByUrn, Domains>();

function domainsIn(all: ChangedByUrn): Domains {
  const domains =
    domainsOfAll.get(all) ??
    domainsOf([...all.values()].filter(({ kind }) => kind.type === APPLICATION.type));
  domainsOfAll.set(all, domains);
  return domains;
}

function created(changed: Changed, all: ChangedByUrn): Phrase[] {
  const { step, links } = changed;
  const { targetNumContainers, image, running } = step.newState?.inputs ?? {};
  const containers =
    typeof targetNumContainers === "number" ? count(targetNumContainers, "container") : "containers";
  const stopped: Phrase = running === false ? [", stopped once it has started"] : [];
  const targets = links.after.map(({ name }) => say`${name}`);
  const linked = targets.length > 0 ? say`, linked to ${list(targets)}` : [];
  const from = domainsIn(all).from(changed);
  const domain = from ? [say`the domain ${domainOf(step.newState) ?? ""} moves to it from ${from}`] : [];
  const what = say`${[containers]} of ${typeof image === "string" ? image : "image"}${linked}${stopped}`;
  return [what, ...domain];
}

function deleted(changed: Changed, all: ChangedByUrn): Phrase[] {
  const domain = domainOf(changed.step.oldState);
  const to = domainsIn(all).to(changed);
  const freed = to ? say`its domain ${domain ?? ""} moves to ${to}` : say`${domain ?? ""} then leads nowhere`;
  const lost = changed.holdsData ? ", data in them is lost" : "";
  return [[`deleted with its containers${lost}`], ...(domain === undefined ? [] : [freed])];
}

function replaced(changed: Changed, all: ChangedByUrn): Phrase[] {
  const scaled = changed.changes.find(
    ({ field, forcesReplacement }) => field === "targetNumContainers" && !forcesReplacement,
  );
  const count = scaled && (textOf(scaled.to) ?? "another number of");
  const also = count === undefined ? [] : [say`the new one has ${count} containers`];
  const lost = changed.holdsData ? "data in its containers is lost" : "its containers are recreated";
  return [[`new uuid and DNS name, ${lost}`], ...domainMoves(changed, domainsIn(all)), ...also];
}

/** The domain of the new application, and of the old one. */
function domainMoves(changed: Changed, domains: Domains): Phrase[] {
  const { step } = changed;
  const [from, to] = [domainOf(step.oldState), domainOf(step.newState)];
  if (from === to) return from === undefined ? [] : [say`${from} leads to the new one once it runs`];
  const [giver, getter] = [domains.from(changed), domains.to(changed)];
  const gone = say`its domain ${from ?? ""} ${getter ? say`moves to ${getter}` : ["goes"]}`;
  if (to === undefined) return [gone];
  const got = giver ? say`the domain ${to} moves to it from ${giver}` : say`it gets the domain ${to}`;
  if (from === undefined) return [got];
  return giver || getter ? [say`${gone}, and ${got}`] : [say`its domain moves from ${from} to ${to}`];
}

function updated(certain: readonly PropertyChange[], changed: Changed, all: ChangedByUrn): Phrase[] {
  const domains = domainsIn(all);
  const sentences = certain.flatMap(change => words(change, changed, domains));
  const { table } = changed.kind;
  const calm = certain.length > 0 && certain.every(({ field }) => table[field]?.change === "in-place");
  const removed = containersRemoved(changed);
  const data = changed.holdsData ? ` and the data in ${removed > 1 ? "them" : "it"}` : "";
  const loss = `${count(removed, "container")}${data} ${removed > 1 || data ? "go" : "goes"}`;
  return [...sentences, ...(calm ? [["no restart"]] : []), ...(removed > 0 ? [[loss]] : [])];
}

function words(change: PropertyChange, changed: Changed, domains: Domains): Phrase[] {
  const { field, from, to } = change;
  switch (field) {
    case "targetNumContainers":
      return [say`scaled in place ${[`${textOf(from) ?? "1"} → ${textOf(to) ?? "?"}`]}`];
    case "webPublicDns":
      return domainChanges(from, to, changed, domains);
    case "running":
      return [textOf(to) === "false" ? ["stopped: its containers stop, nothing is deleted"] : ["started"]];
    default:
      return [inPlace(change)];
  }
}

function domainChanges(from: Shown, to: Shown, changed: Changed, domains: Domains): Phrase[] {
  const [giver, getter] = [domains.from(changed), domains.to(changed)];
  const old = textOf(from);
  const gone = getter
    ? say`its domain ${old ?? ""} moves to ${getter}`
    : say`its domain ${old ?? "name"} is removed`;
  if (to.kind === "none") return [gone];
  const got = giver
    ? say`the domain ${textOf(to) ?? ""} moves to it from ${giver}`
    : say`gets the domain ${textOf(to) ?? "that is known later"}`;
  if (from.kind === "none") return [got];
  return giver || getter ? [gone, got] : [say`its domain moves from ${old ?? "?"} to ${textOf(to) ?? "?"}`];
}
