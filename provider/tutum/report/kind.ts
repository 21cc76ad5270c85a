/** What a report says of applications. */
import type { Changed, DeclaredLink, ReportedKind } from "../../report/kind";
import { count, names, type Phrase, say } from "../../report/phrase";
import type { ResourceState } from "../../report/preview";
import { uuidOf } from "../client/references";
import { APPLICATION, STACK_TYPE } from "../kind";
import { freedDomains } from "./domains";
import { dataInContainers } from "./images";
import { applicationWords, containersRemoved, isStopped } from "./meaning";

export const reportedApplication: ReportedKind = {
  ...APPLICATION,
  collection: "applications",
  components: [STACK_TYPE],
  links: {
    property: "linkedToApplication",
    targets: [APPLICATION.type],
    target: "an application",
    declared: declaredLinks,
    verb: "is linked to",
  },
  identifiers: ["image", "name", "webPublicDns"] satisfies (keyof typeof APPLICATION.table)[],
  data: dataInContainers,
  shrinks: changed => containersRemoved(changed) > 0,
  isStopped,
  lastSeen: ({ outputs }) => (typeof outputs?.state === "string" ? outputs.state : undefined),
  words: applicationWords,
  unreachable(changes) {
    const freed = freedDomains(changes);
    return freed.length > 0
      ? [say`${names(freed)} ${[freed.length > 1 ? "lead" : "leads"]} nowhere afterwards.`]
      : [];
  },
  peak,
};

function declaredLinks(value: unknown): DeclaredLink[] {
  if (!Array.isArray(value)) return [];
  return value.map(link => {
    const { application, name } = (link ?? {}) as { application?: unknown; name?: unknown };
    return {
      ...(typeof application === "string" && { id: uuidOf(application) }),
      ...(typeof name === "string" && { alias: name }),
    };
  });
}

/** How many containers run at once while old and new ones both exist; nothing where a number is not known. */
function peak(changes: readonly Changed[]): Phrase[] {
  let [now, afterwards, most] = [0, 0, 0];
  for (const { step } of changes) {
    const [old, next] = [containers(step.oldState), containers(step.newState)];
    if (step.leftover) continue;
    const before = step.operation === "create" ? 0 : old;
    const after = step.operation === "delete" ? (step.oldState?.retainOnDelete ? old : 0) : next;
    if (before === undefined || after === undefined) return [];
    now += before;
    afterwards += after;
    const both = step.operation === "replace" && !step.deleteFirst;
    most += both ? before + after : Math.max(before, after);
  }
  if (most <= Math.max(now, afterwards)) return [];
  return [
    [`At most ${count(most, "container")} of these run at once: ${now} now, ${afterwards} afterwards.`],
  ];
}

function containers(state: ResourceState | undefined): number | undefined {
  const { targetNumContainers: count } = state?.inputs ?? {};
  return typeof count === "number" ? count : undefined;
}
