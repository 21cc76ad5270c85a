/**
 * Records of an API that needs no model of its own: by collection and id, in the order they came. A change is made in
 * memory and stored; when that fails it is undone, with all that were made upon it.
 */
import type { Change, Collections, Records } from "./records";
import type { Storage } from "./storage";

/** Ids are of one space: whoever has several collections begins them with the collection's name. */
type WithIds<Kept> = { [Name in keyof Kept]: { readonly id: string } };

type Maps<Kept> = { [Name in keyof Kept]: Map<string, Kept[Name]> };

export class Ledger<Kept extends WithIds<Kept>> implements Records<Kept> {
  private readonly maps: Maps<Kept>;
  private storage: Storage<Kept> | undefined;
  /** The collections as they were before each change that is not stored yet, oldest first. */
  private readonly undo = new Set<Partial<Maps<Kept>>>();
  private storing: Promise<void> = Promise.resolve();

  constructor(
    private readonly names: readonly (keyof Kept)[],
    /** True for the id of a record that holds a secret. */
    private readonly isSecret: (id: string) => boolean,
  ) {
    this.maps = Object.fromEntries(names.map(name => [name, new Map()])) as Maps<Kept>;
  }

  /** To be called before the first change. */
  keepIn(storage: Storage<Kept>): void {
    this.storage = storage;
    storage.onFailure(() => this.rollBack());
  }

  all<Name extends keyof Kept>(name: Name): Kept[Name][] {
    return [...this.maps[name].values()];
  }

  find<Name extends keyof Kept>(name: Name, id: string): Kept[Name] | undefined {
    return this.maps[name].get(id);
  }

  /** Seen at once by everybody; resolves when it is stored. */
  async change(put: Collections<Kept>, deleted: readonly string[] = []): Promise<void> {
    const change = { put, deleted };
    const concerned = this.names.filter(
      name => put[name] !== undefined || deleted.some(id => this.maps[name].has(id)),
    );
    const before = this.copies(concerned);
    this.apply(change);
    await this.stored(before, this.storage?.append(change));
  }

  /** What `look` sees, once all that it saw is stored. */
  async read<T>(look: () => T): Promise<T> {
    for (;;) {
      const seen = look();
      if (this.undo.size === 0) return seen;
      try {
        await this.storing;
        return seen;
      } catch {
        // It was undone: what is true now?
      }
    }
  }

  /** Resolves when all changes so far are stored, or undone. */
  async idle(): Promise<void> {
    await this.storing.catch(() => {});
  }

  /** In place of all there is; of what was stored before, nothing stays. */
  async replace(put: Collections<Kept>): Promise<void> {
    const before = this.copies(this.names);
    for (const name of this.names) this.maps[name].clear();
    this.apply({ put, deleted: [] });
    await this.stored(before, this.storage?.renew());
  }

  apply({ put, deleted }: Change<Kept>): void {
    for (const name of this.names) {
      for (const id of deleted) this.maps[name].delete(id);
      for (const record of put[name] ?? []) this.maps[name].set(record.id, record);
    }
  }

  state(): Collections<Kept> {
    return this.collect(name => this.all(name));
  }

  outdatesSecrets({ deleted }: Change<Kept>): boolean {
    return deleted.some(this.isSecret);
  }

  /** Records are never changed: another takes the place of one. */
  private copies(names: readonly (keyof Kept)[]): Partial<Maps<Kept>> {
    const copies: Partial<Maps<Kept>> = {};
    const copy = <Name extends keyof Kept>(name: Name) => {
      copies[name] = new Map(this.maps[name]);
    };
    for (const name of names) copy(name);
    return copies;
  }

  private async stored(before: Partial<Maps<Kept>>, storing = Promise.resolve()): Promise<void> {
    this.undo.add(before);
    this.storing = storing;
    await storing;
    this.undo.delete(before);
  }

  private collect(records: <Name extends keyof Kept>(name: Name) => Kept[Name][]): Collections<Kept> {
    const collections: { [Name in keyof Kept]?: readonly Kept[Name][] } = {};
    const add = <Name extends keyof Kept>(name: Name) => {
      collections[name] = records(name);
    };
    for (const name of this.names) add(name);
    return collections;
  }

  /** They all failed. */
  private rollBack(): void {
    for (const before of [...this.undo].reverse()) Object.assign(this.maps, before);
    this.undo.clear();
  }
}
