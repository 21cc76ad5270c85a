/**
 * While nothing that runs containers answers, nobody knows which of them run. There is no documented state that says so,
 * and any other one would make clients start or replace what may be well: what would be shown as running is answered 503.
 */
import { ApiError } from "../../../host/errors";
import type { Settings } from "../model/settings";

export function expectSeen(
  { places }: Settings,
  shown: { running_num_containers: number } | { state: string },
): void {
  const runs =
    "running_num_containers" in shown ? shown.running_num_containers > 0 : shown.state === "Running";
  if (!runs || places.nodes().some(node => node.answers)) return;
  throw new ApiError(503, {
    error: "What runs the containers does not answer: nobody can tell which of them still run.",
  });
}
