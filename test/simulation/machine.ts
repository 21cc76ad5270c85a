/** A machine that runs Pulumi: it remembers creations, for each state apart. */
import type { Intent, IntentLog } from "../../provider/tutum/lifecycle/intents";

export class Machine {
  readonly #states = new Map<string, Map<string, Intent>>();

  /** `has`: whether a state of the backend has an application, as far as this machine could see. */
  intentsOf(backend: string, has: (uuid: string) => boolean = () => true): IntentLog {
    const intents = this.#states.get(backend) ?? new Map<string, Intent>();
    this.#states.set(backend, intents);
    return {
      read: () => [...intents.values()],
      write: intent => void intents.set(intent.mark, intent),
      remove: mark => {
        for (const all of this.#states.values()) all.delete(mark);
      },
      unsaved: uuids => uuids.filter(uuid => !has(uuid)),
    };
  }
}
