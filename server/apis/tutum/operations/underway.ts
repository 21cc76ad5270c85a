/**
 * What is under way can be ended on real containers: an image that never comes, or a process that never answers, would
 * keep an application in a state that allows nothing. Simulated ones always come to an end, and are told what the
 * documents say: 400.
 */
import type { Settings } from "../model/settings";

const ENDED_BY: Record<string, readonly string[]> = {
  stop: ["Starting", "Scaling", "Redeploying"],
  terminate: ["Starting", "Scaling", "Redeploying"],
};
const ENDED_BY_OF_CONTAINER: Record<string, readonly string[]> = {
  stop: ["Starting"],
  terminate: ["Starting"],
};

/** States of an application in which this action is possible on top of the documented ones. */
export function underway({ places }: Settings, action: string): readonly string[] {
  return places.simulated ? [] : (ENDED_BY[action] ?? []);
}

/** The same of a container. */
export function containerUnderway({ places }: Settings, action: string): readonly string[] {
  return places.simulated ? [] : (ENDED_BY_OF_CONTAINER[action] ?? []);
}
