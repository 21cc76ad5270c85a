/** What the states and the words of a Swarm's task mean. */
import { EngineError, meaningOf, portsInUse } from "../docker/engine-error";
import type { SwarmTask } from "./swarm";

const ENDED = ["complete", "failed", "shutdown", "rejected", "orphaned", "remove"];
const NO_PLACE = /host-mode port already in use/;
const EXITED = /^task: non-zero exit/;

export function isRunning(task: SwarmTask | undefined): boolean {
  return task?.Status.State === "running" && task.DesiredState === "running";
}

export function hasEnded({ Status }: SwarmTask): boolean {
  return ENDED.includes(Status.State);
}

/** No node has its ports free. */
export function hasNoPlace({ Status }: SwarmTask): boolean {
  return Status.State === "pending" && NO_PLACE.test(Status.Err ?? "");
}

/** Its process ended, with whatever code. */
export function hasExited({ Status }: SwarmTask): boolean {
  return Status.State === "complete" || EXITED.test(Status.Err ?? "");
}

/** Swarm stopped it: it was on a node that is back, or that was drained. */
export function wasStopped({ Status }: SwarmTask): boolean {
  return Status.State !== "complete" && Status.State !== "failed";
}

/** The outer ports it could not have, none when they are not named; undefined when that is not why it did not start. */
export function refusedPorts({ Status }: SwarmTask): number[] | undefined {
  const { Err = "" } = Status;
  return NO_PLACE.test(Err) ? [] : portsInUse(new Error(Err));
}

export function exitOf({ Status }: SwarmTask): { code: number; message: string | undefined } {
  const { ContainerStatus, Err = "" } = Status;
  return {
    code: Math.max(0, ContainerStatus?.ExitCode ?? 0),
    message: Err === "" || EXITED.test(Err) ? undefined : Err,
  };
}

/** What a task says has no status: a trouble of the node's engine, or else a verdict. */
export function startError({ Status }: SwarmTask): EngineError {
  const words = Status.Err || Status.Message || `the task is ${Status.State}`;
  const error = new EngineError(words, 500);
  return meaningOf(error) === "failure" ? new EngineError(words, 400) : error;
}
