/** A machine that runs Pulumi: it remembers creations, for each state apart. */
import type { Intent, IntentLog } from "../../provider/tutum/lifecycle/intents";

export class Machine {
  readonly #states = new Map<string, Map<string, Intent>>();

  intentsOf(backend: string): IntentLog {
    const intents = this.#states.get(backend) ?? new Map<string, Intent>();
    this.#states.set(backend, intents);
    return {
      read: () => [...intents.values()],
      write: intent => void intents.set(intent.mark, intent),
      remove: mark => void intents.delete(mark),
    };
  }
}
