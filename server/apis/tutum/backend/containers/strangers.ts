/** Names of what carries this server's label and is in none of its records. */
export class Strangers {
  /** By node: what was there at the last look. */
  private readonly found = new Map<string, readonly string[]>();

  get all(): string[] {
    return [...this.found.values()].flat();
  }

  /** What a look at a node found; those are new that the look before did not find. */
  note(node: string, names: readonly string[]): string[] {
    const before = this.found.get(node) ?? [];
    this.found.set(node, names);
    return names.filter(name => !before.includes(name));
  }

  clear(): void {
    this.found.clear();
  }
}
