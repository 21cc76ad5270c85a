import * as v from "valibot";

const number = v.object({ number: v.number() });
const event = v.looseObject({
  pull_request: v.optional(number),
  /** Of `issue_comment`; a pull request is one of the issues. */
  issue: v.optional(v.looseObject({ number: v.number(), pull_request: v.optional(v.unknown()) })),
  merge_group: v.optional(v.looseObject({ head_ref: v.string() })),
  workflow_run: v.optional(v.looseObject({ pull_requests: v.optional(v.array(number)) })),
});

/** The pull request for which a workflow runs, by the event that began it; undefined when it is for none. */
export function pullRequestOf(payload: unknown): number | undefined {
  const { success, output } = v.safeParse(event, payload);
  if (!success) return undefined;
  const { pull_request, issue, merge_group, workflow_run } = output;
  if (pull_request) return pull_request.number;
  if (issue) return issue.pull_request === undefined ? undefined : issue.number;
  // `refs/heads/gh-readonly-queue/main/pr-12-0123…`
  const queued = /\/pr-(\d+)-[0-9a-f]+$/.exec(merge_group?.head_ref ?? "")?.[1];
  if (queued !== undefined) return Number(queued);
  const [run, ...others] = workflow_run?.pull_requests ?? [];
  return others.length === 0 ? run?.number : undefined;
}
