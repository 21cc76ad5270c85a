import type { Operation, StackConfig } from "../../provider/resource/lifecycle";
import { type ApplicationContext, openSession } from "../../provider/tutum/lifecycle/context";

/** An operation that nobody cancels or listens to. */
export const silentOperation: Operation = {
  signal: new AbortController().signal,
  report: () => undefined,
  warn: () => undefined,
};

/** What check and diff are given: a session of its own, with these settings of the stack. */
export function contextWith(config: StackConfig = () => undefined): ApplicationContext {
  return openSession(config)(silentOperation, {});
}
