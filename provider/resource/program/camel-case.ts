/** The wire's snake_case as camelCase, in types and values alike; records by free keys keep them. */
export type CamelCased<T> = T extends readonly (infer Item)[]
  ? CamelCased<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T as Camel<K & string>]: CamelCased<T[K]> }
    : T;

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

/** `free` are the fields that hold records by free keys, which are no names of fields. */
export function camelCased<T>(wire: T, free: ReadonlySet<string>): CamelCased<T> {
  if (Array.isArray(wire)) return wire.map(item => camelCased(item, free)) as CamelCased<T>;
  if (wire === null || typeof wire !== "object") return wire as CamelCased<T>;
  const entries = Object.entries(wire).map(([key, value]) => [
    camel(key),
    free.has(key) ? value : camelCased(value, free),
  ]);
  return Object.fromEntries(entries) as CamelCased<T>;
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
