import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../resource/table/field";
import type { MockedKind } from "./kind";
import { isSecretOnWire, plain } from "./wire";

/** Mocks of kinds of resources: each gets the checks, defaults and outputs that its provider would give it. */
export interface KindMocks extends pulumi.runtime.Mocks {
  /**
   * What is declared so far, by the kind's type token and the resource's name (a second of that name under a parent of
   * another type: `web-2`): id, arguments with their defaults, outputs. In a preview a value that is not known before
   * `up` is `UNKNOWN`, and outputs that are no arguments are absent.
   */
  readonly resources: Readonly<Record<string, Readonly<Record<string, Values>>>>;
}

/** Resources of other kinds answer with their inputs; `more` is called first for what the program does not create. */
export function mocksOf(kinds: readonly MockedKind[], more: Partial<pulumi.runtime.Mocks> = {}): KindMocks {
  const mocked = new Map(kinds.map(kind => [kind.type, new MockedResources(kind)]));
  return {
    resources: Object.fromEntries([...mocked].map(([type, { declared }]) => [type, declared])),

    newResource(resource) {
      const { type, name, id, inputs } = resource;
      const own = mocked.get(type);
      if (!own) return more.newResource?.(resource) ?? { id: id || `${name}-id`, state: inputs };
      if (!id) return own.created(name, inputs);
      return more.newResource?.(resource) ?? { id, state: own.existing(name, id, inputs) };
    },

    call(args) {
      return more.call?.(args) ?? args.inputs;
    },
  };
}

/** Those of one kind in one run. */
class MockedResources {
  readonly declared: Record<string, Values> = {};
  readonly #kind: MockedKind;
  readonly #keyOf = counted();
  readonly #nameOf = counted();
  readonly #seen = new Set<unknown>();

  constructor(kind: MockedKind) {
    this.#kind = kind;
  }

  created(name: string, inputs: Values): pulumi.runtime.MockResourceResult {
    const { __provider: _, ...given } = plain(inputs) as Values;
    const checked = this.#checked(name, given);
    this.#refuseSecond(name, given.resourceHash);
    const key = this.#keyOf(name);
    // The engine knows no more of what it is about to create than its arguments.
    const preview = pulumi.runtime.isDryRun();
    const id = this.#kind.idOf(key);
    const outputs = preview
      ? checked
      : this.#kind.outputsOf(checked, { id, name: this.#nameFor(name, checked) });
    this.declared[key] = { ...(!preview && { id }), ...outputs };
    return { id: preview ? "" : id, state: secretAsGiven(outputs, inputs) };
  }

  existing(name: string, id: string, inputs: Values): Values {
    const given = this.#kind.existing(name, plain(inputs) as Values);
    return this.#kind.outputsOf(this.#checked(name, given), { id, name: this.#declaredName(name, given) });
  }

  #nameFor(resource: string, inputs: Values): string {
    return this.#nameOf(this.#declaredName(resource, inputs));
  }

  #declaredName(resource: string, inputs: Values): string {
    return String(inputs[this.#kind.nameProperty ?? ""] ?? resource);
  }

  #checked(name: string, given: Values): Values {
    const { inputs, failures } = this.#kind.check(pulumi.runtime.getConfig, given);
    if (failures.length === 0) return inputs;
    const reasons = failures.map(({ reason }) => reason).join("; ");
    throw new Error(`${this.#kind.className} ${name}: ${reasons}`);
  }

  /** As the engine: a resource is known by its name and the types of its parents. */
  #refuseSecond(name: string, resource: unknown): void {
    if (resource !== undefined && this.#seen.has(resource))
      throw new Error(
        `${this.#kind.className} ${name}: there is another of that name under a parent of the same type, which \`pulumi up\` refuses (duplicate URN): give one of them another name.`,
      );
    this.#seen.add(resource);
  }
}

/** The engine's rule: an output is secret when the input of its name is. */
function secretAsGiven(outputs: Values, inputs: Values): Values {
  const entries = Object.entries(outputs).map(([name, value]) => [
    name,
    isSecretOnWire(inputs[name]) ? pulumi.secret(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** `web`, then `web-2`. */
function counted(): (name: string) => string {
  const seen = new Map<string, number>();
  return name => {
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    return n === 1 ? name : `${name}-${n}`;
  };
}
