/** Paths of properties as Pulumi writes them: `image`, `containerEnvvars.MODE`, `containerEnvvars["a.b"]`. */

/** The path of what an object at `path` has under this key. */
export function pathWithin(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** The property of the resource that a path begins with. */
export function propertyOf(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? path;
}
