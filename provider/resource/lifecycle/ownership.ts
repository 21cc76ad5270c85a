import { randomUUID } from "node:crypto";

/**
 * Who has what in one run: resources of the program, by the hash of their URN, and what is theirs in the cloud, by its
 * id there. Known as far as the engine has shown it, and asked before anything is created, adopted or deleted.
 */
export class Ownership {
  /** The resource that was seen to have it. */
  readonly #owners = new Map<string, unknown>();
  /** The resource that the program says is to have it. */
  readonly #claims = new Map<string, unknown>();
  /** The adoption in the outputs of the resource that keeps it. */
  readonly #adoptions = new Map<string, unknown>();
  /** What creations of this run found instead of making it. */
  readonly #takenOver = new Set<string>();

  /** A resource has it, in the program or only in the state yet: no creation takes it for its own. */
  seen(id: string, resource: unknown): void {
    this.#owners.set(id, resource);
  }

  /** Whether a resource of this run has it. */
  isTaken(id: string): boolean {
    return this.#owners.has(id);
  }

  isOf(id: string, resource: unknown): boolean {
    return this.isTaken(id) && this.#owners.get(id) === resource;
  }

  isOfAnother(id: string, resource: unknown): boolean {
    return this.isTaken(id) && !this.isOf(id, resource);
  }

  /**
   * False when another resource of the program has it: of two, in whatever order the engine asks, the second is told.
   * `inState` is what the resource is called in the state: of one that was renamed, the engine also asks by that name
   * when it looks for what depends on a replacement.
   */
  claim(id: string, resource: unknown, inState: unknown = resource): boolean {
    const claimed = this.#claims.get(id);
    if (this.#claims.has(id) && claimed !== resource && claimed !== inState) return false;
    this.#claims.set(id, resource);
    return true;
  }

  /** The program keeps what the state has, with the adoption in its outputs. */
  keeps(id: string, resource: unknown, adoption: unknown): void {
    this.seen(id, resource);
    this.#adoptions.set(id, adoption);
  }

  /** A creation found it instead of making it. Returns a name for that, which goes into the outputs. */
  tookOver(id: string): string {
    this.#takenOver.add(id);
    return randomUUID();
  }

  /**
   * Whether a resource of this run is in use of what is to be deleted, with this adoption in its outputs: a creation took
   * over what an earlier run had yet to delete, and the state lists it twice.
   */
  isInUse(id: string, adoption: unknown): boolean {
    const keptByAnother = this.#adoptions.has(id) && this.#adoptions.get(id) !== adoption;
    return this.#takenOver.has(id) || keptByAnother;
  }
}
