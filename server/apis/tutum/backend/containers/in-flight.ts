/** Calls that those who want the same at the same time share. */
export class InFlight<T> {
  private readonly calls = new Map<string, Promise<T>>();

  share(key: string, call: () => Promise<T>): Promise<T> {
    const known = this.calls.get(key);
    if (known) return known;
    const made = call().finally(() => this.calls.delete(key));
    this.calls.set(key, made);
    return made;
  }
}
