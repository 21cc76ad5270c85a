import type { Backend } from "./backend";
import type { RoleCredentials } from "./links";
import type { Naming } from "./names";

export interface Limits {
  applications: number;
  containersPerApplication: number;
}

export const DEFAULT_LIMITS: Limits = { applications: 20_000, containersPerApplication: 100 };

/** What the model has to know besides its records. */
export interface Settings {
  naming: Naming;
  credentials: RoleCredentials;
  limits: Limits;
  /** Where containers can go. */
  places: Pick<Backend, "nodes" | "placement" | "launching" | "simulated">;
}
