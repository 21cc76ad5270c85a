/** All states, checked by the compiler to be all. */
import type { ApplicationState, ContainerState } from "../../../../provider/tutum/client/types";

const application: Record<ApplicationState, true> = {
  Init: true,
  "Not running": true,
  Starting: true,
  Running: true,
  "Partly running": true,
  Scaling: true,
  Redeploying: true,
  Stopping: true,
  Stopped: true,
  "Start failed": true,
  "Stopped with errors": true,
  Terminating: true,
  Terminated: true,
};

const container: Record<ContainerState, true> = {
  Starting: true,
  Running: true,
  Stopping: true,
  Stopped: true,
  "Start failed": true,
  "Stopped with errors": true,
  Terminating: true,
  Terminated: true,
};

export const APPLICATION_STATES: readonly string[] = Object.keys(application);
export const CONTAINER_STATES: readonly string[] = Object.keys(container);
