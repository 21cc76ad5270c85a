import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { ResourceKind } from "../kind";
import type { Field, FieldTable } from "../table/field";
import { QuietResource } from "./quiet-resource";
import { secretInputs } from "./secret-inputs";

/** What a class of resources is registered as. */
export interface ResourceClass extends Pick<ResourceKind, "type" | "table" | "outputs"> {
  /** The constant text that the provider process runs. */
  providerText: string;
}

/** What a program declares of one resource. */
export interface Declared {
  /** As the class is to hand them on. */
  inputs: pulumi.Inputs;
  /** As the program gave them: what of these is a secret, the provider is told. */
  args: object;
}

/**
 * A resource with a lifecycle of this package: it has every output by name, and the provider is told what the engine
 * knows of it and a dynamic provider does not get (which arguments are secrets, the URN, `customTimeouts`).
 */
export class ManagedResource extends QuietResource {
  /** With an id in the options it is one that is only read: with inputs of its own, and secret in all that may be a secret. */
  constructor(
    { type, providerText, table, outputs }: ResourceClass,
    name: string,
    { inputs, args }: Declared,
    options: pulumi.CustomResourceOptions,
  ) {
    const read = options.id !== undefined;
    // One that the program gives no value for is unknown until the first `up`.
    const every = Object.fromEntries([...Object.keys(table), ...outputs].map(output => [output, undefined]));
    const told = read
      ? {}
      : {
          secretInputs: secretInputs(args),
          resourceHash: hashOfUrn(type, name, options.parent),
          deadlines: options.customTimeouts && { ...options.customTimeouts },
        };
    const secrets = [...(options.additionalSecretOutputs ?? []), ...sensitive(table)];
    super(
      type,
      name,
      { ...every, ...inputs, ...told, __provider: providerText },
      read ? { ...options, additionalSecretOutputs: secrets } : options,
    );
  }
}

function sensitive(table: FieldTable<never>): string[] {
  return Object.entries<Field<never>>(table)
    .filter(([, field]) => field.sensitive)
    .map(([name]) => name);
}

/**
 * A promise, not an output: the URN of a parent depends on the parent, to depend on a component is to depend on its
 * children, and a resource would wait for itself.
 */
function hashOfUrn(type: string, name: string, parent: pulumi.Resource | undefined): Promise<string> {
  const urn = pulumi.createUrn(name, type, parent);
  return new Promise(resolve => {
    urn.apply(text => resolve(createHash("sha256").update(text).digest("hex").slice(0, 16)));
  });
}
