import type { dynamic } from "@pulumi/pulumi";
import { PartialFailure } from "./failure";
import type { Values } from "./field";
import type { Lifecycle, StackConfig } from "./lifecycle";
import { fromHost, toHost } from "./unknown";

/**
 * Adapts a lifecycle to Pulumi's dynamic-provider host. All that is particular to that host is here: the
 * `__provider` property, sentinels for unknowns, how a partial failure is thrown, and that `configure` may not wait
 * (the host calls other methods before an async configure has finished).
 */
export function dynamicProvider<Context>(lifecycle: Lifecycle<Context>): dynamic.ResourceProvider {
  let config: StackConfig = () => undefined;
  let made: Context | undefined;
  const context = () => {
    made ??= lifecycle.context(key => config(key));
    return made;
  };

  return {
    async configure(request) {
      config = key => request.config.get(key);
    },

    async check(olds, news) {
      const { inputs, failures } = lifecycle.check(context(), received(olds), received(news));
      return { inputs: toHost(inputs), failures };
    },

    async diff(id, olds, news) {
      const changes = Object.entries(lifecycle.diff(context(), id, received(olds), received(news)));
      if (changes.length === 0) return { changes: false };
      // `changes` stays undefined: the engine then compares the inputs itself, property by property, which is what
      // makes `replaceOnChanges` and `--diff` work; the host could not pass such detail on.
      return { replaces: changes.filter(([, change]) => change.replace).map(([name]) => name) };
    },

    async create(inputs) {
      const { id, outputs } = await packed(inputs, () => lifecycle.create(context(), received(inputs)));
      return { id, outs: toHost(outputs) as Values };
    },

    async read(id, props) {
      const found = await readable(() => lifecycle.read(context(), id, received(props)));
      if (!found) return {};
      return { id: found.id, props: toHost(found.outputs), inputs: toHost(found.inputs) as Values };
    },

    async update(id, olds, news) {
      const old = received(olds);
      const { outputs } = await packed(news, () => lifecycle.update(context(), id, old, received(news)));
      return { outs: toHost(outputs) as Values };
    },

    async delete(id, props) {
      await readable(() => lifecycle.remove(context(), id, received(props)));
    },
  } satisfies dynamic.ResourceProvider;
}

const PROVIDER = "__provider";

function received(values: unknown): Values {
  const { [PROVIDER]: _, ...own } = fromHost(values) as Values;
  return own;
}

/** The host prints `stack` of some errors: one that is no bug of ours is its message alone. */
async function readable<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const bug = !(error instanceof Error) || BUGS.some(kind => error instanceof kind);
    throw bug ? error : Object.assign(error, { stack: "" });
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
