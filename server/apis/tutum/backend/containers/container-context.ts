import type { Clock } from "../../../../host/ports/clock";
import type { Logger } from "../../../../host/ports/logger";
import type { ContainerSpec } from "../../model/backend";
import type { Images } from "../docker/images";
import type { Roster } from "../roster";
import type { KeptLogs } from "./kept-logs";
import type { ReadinessTimes } from "./readiness";
import type { SizeLimits } from "./sizes";

/** What the containers of one backend share. */
export interface ContainerContext<Member extends { readonly spec: ContainerSpec }> {
  /** This server's id on the engines. */
  readonly server: string;
  readonly sizes: SizeLimits;
  readonly readiness: ReadinessTimes;
  readonly roster: Roster<Member>;
  readonly images: Images;
  readonly keptLogs: KeptLogs;
  readonly clock: Clock;
  readonly logger: Logger;
}
