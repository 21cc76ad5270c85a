import type { Operation, StackConfig } from "../../../provider/resource/lifecycle/lifecycle";
import { type ApplicationContext, openSession } from "../../../provider/tutum/lifecycle/context";
import type { Intent, IntentLog } from "../../../provider/tutum/lifecycle/intents";

/** An operation that nobody cancels or listens to. */
export const silentOperation: Operation = {
  name: "create",
  signal: new AbortController().signal,
  report: () => undefined,
  warn: () => undefined,
};

/** What check and diff are given: a session of its own, with these settings of the stack. */
export function contextWith(config: StackConfig = () => undefined): ApplicationContext {
  return openSession(config, { intents: rememberedIntents() })(silentOperation, {});
}

/** A machine's memory of creations, without a disk. */
export function rememberedIntents(intents = new Map<string, Intent>()): IntentLog {
  return {
    read: () => [...intents.values()],
    write: intent => void intents.set(intent.mark, intent),
    remove: mark => void intents.delete(mark),
    unsaved: () => [],
  };
}
