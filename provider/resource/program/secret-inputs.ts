import * as pulumi from "@pulumi/pulumi";

/**
 * The names of the arguments whose values are secret in the program, environment variables one by one. The provider
 * is told, because it sees values only: a value that was plain in the state and becomes a secret must be written again.
 */
export function secretInputs(args: object): pulumi.Output<string[] | undefined> {
  const candidates = Object.entries(args).flatMap(([name, value]) =>
    isPlain(value) ? Object.entries(value).map(([key, item]) => [`${name}.${key}`, item]) : [[name, value]],
  );
  const checks = candidates.map(async ([name, value]) =>
    (await pulumi.isSecret(pulumi.output(value))) ? [String(name)] : [],
  );
  const names = Promise.all(checks).then(lists => lists.flat().sort());
  return pulumi.output(names.then(list => (list.length > 0 ? list : undefined)));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
}
