/** The containers that a backend knows, and the listener to their events. */
import type { BackendEvent, ContainerSpec } from "../model/backend";

export class Roster<Member extends { readonly spec: ContainerSpec }> {
  private readonly members = new Map<string, Member>();
  private listener: (event: BackendEvent) => void = () => {};

  get size(): number {
    return this.members.size;
  }

  get all(): Member[] {
    return [...this.members.values()];
  }

  find(id: string | undefined): Member | undefined {
    return id === undefined ? undefined : this.members.get(id);
  }

  get(id: string): Member {
    const member = this.members.get(id);
    if (!member) throw new Error(`no such container: ${id}`);
    return member;
  }

  add(member: Member): void {
    this.members.set(member.spec.id, member);
  }

  forget(member: Member): void {
    if (this.isCurrent(member)) this.members.delete(member.spec.id);
  }

  clear(): void {
    this.members.clear();
  }

  listen(listener: (event: BackendEvent) => void): void {
    this.listener = listener;
  }

  report(event: BackendEvent): void {
    this.listener(event);
  }

  /** Nothing when its container was given to another node meanwhile. */
  reportOf(member: Member, event: BackendEvent): void {
    if (this.isCurrent(member)) this.report(event);
  }

  private isCurrent(member: Member): boolean {
    return this.members.get(member.spec.id) === member;
  }
}
