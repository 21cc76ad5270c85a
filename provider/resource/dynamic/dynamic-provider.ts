import { setMaxListeners } from "node:events";
import type { dynamic } from "@pulumi/pulumi";
import { ExpectedError, PartialFailure } from "../lifecycle/failure";
import type { Lifecycle, Operation, StackConfig } from "../lifecycle/lifecycle";
import { replacedProperties } from "../table/diff";
import type { Values } from "../table/field";
import { fromHost, toHost } from "../table/unknown";
import { type Host, processHost } from "./host/host";
import { toldOnce } from "./host/print-once";

/**
 * Adapts a lifecycle to Pulumi's dynamic-provider host. All that is particular to that host is here: the
 * `__provider` property, sentinels for unknowns, how a partial failure is thrown, and that `configure` may not wait
 * (the host calls other methods before an async configure has finished). The host is asked for when the module is
 * loaded: what the engine calls before that goes by unseen.
 *
 * What the host cannot carry: of a difference it takes the properties to be replaced, no paths and no kinds; in a
 * preview the engine takes inputs for outputs and never asks for `preview`; that a check or a diff is for a preview alone
 * it does not know itself. Old inputs, the resource and its timeout it has and drops: they come by `host`, or not at all.
 */
export function dynamicProvider<Context>(
  lifecycle: Lifecycle<Context>,
  host: Host = processHost(),
): dynamic.ResourceProvider {
  let config: StackConfig = () => undefined;
  let open: ReturnType<typeof lifecycle.open> | undefined;
  const cancelled = reasoned(host.signal);
  const lively = new Set<string | undefined>();
  /** `given` is as the host handed it over: that object, and no copy, tells which operation it is. */
  const context = (name: Operation["name"], given: object, values: Values) => {
    open ??= lifecycle.open(key => config(key), host.onEnd);
    const { urn, timeout } = host.requestOf(given);
    // Of the first call of a process nothing but the values is known: its lines are on the stack's row.
    const whose = urn === undefined && typeof values.name === "string" ? `${values.name}: ` : "";
    const operation: Operation = {
      name,
      resource: urn?.split("::").at(-1),
      dryRun: name === "check" || name === "diff" ? undefined : false,
      signal: cancelled,
      timeout,
      report: message => {
        lively.add(urn);
        void host.log(urn, "live", whose + message);
      },
      warn: message => void host.log(urn, "warning", whose + message),
      announce: message => {
        if (message === undefined || host.announced.has(message)) return;
        host.announced.add(message);
        void host.log(undefined, "warning", message);
      },
    };
    return open(operation, values);
  };

  /** A line about what is under way must not stand beside what is done. */
  const finishing = async <T>(given: object, operation: () => Promise<T>): Promise<T> => {
    try {
      return await operation();
    } finally {
      const { urn } = host.requestOf(given);
      if (lively.delete(urn)) await host.log(urn, "live", "");
    }
  };

  return {
    async configure(request) {
      config = key => request.config.get(key);
    },

    async check(olds, news) {
      const values = received(news);
      const check = async () => lifecycle.check(context("check", news, values), received(olds), values);
      const { inputs, failures } = await readable(check);
      // Without the property: the engine would print its value, also that of a secret.
      return { inputs: toHost(inputs), failures: failures.map(({ reason }) => ({ property: "", reason })) };
    },

    async diff(id, olds, news) {
      const values = received(news);
      const { oldInputs } = host.requestOf(news);
      const old = { inputs: oldInputs && received(oldInputs), outputs: received(olds) };
      const diff = async () => lifecycle.diff(context("diff", news, values), id, old, values);
      const { entries, deleteBeforeReplace } = await readable(diff);
      const changes = Object.values(entries);
      if (changes.length === 0) return { changes: false };
      // `changes` stays undefined: the engine then compares the inputs itself, property by property, which is what
      // makes `replaceOnChanges` and `--diff` work; the host could not pass such detail on.
      const replaces = replacedProperties(entries);
      const hidden = changes.every(change => change.hidden);
      return {
        ...(hidden && { changes: true }),
        ...(deleteBeforeReplace && { deleteBeforeReplace }),
        replaces,
      };
    },

    async create(inputs) {
      const values = received(inputs);
      const create = () => lifecycle.create(context("create", inputs, values), values);
      const { id, outputs } = await finishing(inputs, () => packed(inputs, create));
      return { id, outs: toHost(outputs) as Values };
    },

    async read(id, props) {
      const old = received(props);
      const read = () => lifecycle.read(context("read", props, old), id, old);
      const found = await finishing(props, () => readable(read));
      if (!found) return {};
      return { id: found.id, props: toHost(found.outputs), inputs: toHost(found.inputs) as Values };
    },

    async update(id, olds, news) {
      const values = received(news);
      const update = () => lifecycle.update(context("update", news, values), id, received(olds), values);
      const { outputs } = await finishing(news, () => packed(news, update));
      return { outs: toHost(outputs) as Values };
    },

    async delete(id, props) {
      const old = received(props);
      const remove = () => lifecycle.remove(context("remove", props, old), id, old);
      await finishing(props, () => readable(remove));
    },
  } satisfies dynamic.ResourceProvider;
}

/** The same signal with a reason that a user can read. */
function reasoned(signal: AbortSignal): AbortSignal {
  const cancelled = new AbortController();
  // Every wait of every resource listens to it.
  setMaxListeners(0, cancelled.signal);
  signal.addEventListener("abort", () =>
    cancelled.abort(new ExpectedError("The run was cancelled while waiting; the next `pulumi up` goes on.")),
  );
  return cancelled.signal;
}

const PROVIDER = "__provider";

function received(values: unknown): Values {
  const { [PROVIDER]: _, ...own } = fromHost(values) as Values;
  return own;
}

/** The host prints some errors with their stack: one that is no bug of ours is its message alone, and told once. */
async function readable<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const bug = !(error instanceof Error) || BUGS.some(kind => error instanceof kind);
    throw bug ? error : toldOnce(error);
  }
}

const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

/** A partial failure as the host wants it: an error with `id`, `properties` and `reasons`. */
async function packed<T>(inputs: Values, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    // The host adds `__provider` to results, not to errors; without it refresh and destroy could not run.
    const properties = { ...(toHost(error.outputs) as Values), [PROVIDER]: inputs[PROVIDER] };
    throw Object.assign(error, { properties });
  }
}
