/** Which records are in which state, so that polling for a state does not look at all of them. */
export class StateIndex {
  private readonly members = new Map<string, Set<string>>();
  /** Position of each record in the order of creation. */
  private readonly positions = new Map<string, number>();
  private created = 0;

  put(uuid: string, state: string, before: string | undefined): void {
    if (before === state) return;
    if (before === undefined) this.positions.set(uuid, this.created++);
    else this.members.get(before)?.delete(uuid);
    const members = this.members.get(state);
    if (members) members.add(uuid);
    else this.members.set(state, new Set([uuid]));
  }

  delete(uuid: string, state: string): void {
    this.members.get(state)?.delete(uuid);
    this.positions.delete(uuid);
  }

  /** In order of creation; undefined when so many are in the state that looking at all records costs less. */
  in(state: string): string[] | undefined {
    const members = this.members.get(state);
    if (!members) return [];
    if (members.size * 8 > this.positions.size) return undefined;
    return [...members].sort((a, b) => (this.positions.get(a) ?? 0) - (this.positions.get(b) ?? 0));
  }

  /** How many are in each state that occurs. */
  counts(): Record<string, number> {
    const counts = [...this.members].map(([state, members]) => [state, members.size] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }
}
