/** What every operation works on. */
import type { Clock } from "../../../host/ports/clock";
import type { Random } from "../../../host/ports/random";
import type { Ledger } from "../../../host/storage/ledger";
import type { Kept } from "../model/records";

export interface Books {
  ledger: Ledger<Kept>;
  clock: Clock;
  random: Random;
}
