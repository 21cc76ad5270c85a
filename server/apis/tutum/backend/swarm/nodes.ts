/** A Swarm's nodes as they were last seen, by the names that people know. */
import type { BackendNode } from "../../model/backend";
import type { SwarmNode } from "./swarm";

export interface NamedNode extends BackendNode {
  id: string;
  state: string;
  /** Nothing runs there, and nothing will for a while. */
  isAway: boolean;
  address: string;
  takenPorts: Set<number>;
}

export class SwarmNodes {
  private nodes: readonly NamedNode[] = [];

  get all(): readonly NamedNode[] {
    return this.nodes;
  }

  get down(): NamedNode[] {
    return this.nodes.filter(node => !node.up);
  }

  named(name: string | undefined): NamedNode | undefined {
    return this.nodes.find(node => node.name === name);
  }

  /** Whether the node with this id does. */
  answers(id: string | undefined): boolean {
    return this.nodes.find(node => node.id === id)?.answers === true;
  }

  seen(found: readonly SwarmNode[]): void {
    this.nodes = found.map(node => this.describe(node, found)).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The manager does not answer, so nothing is known of any. */
  silent(): void {
    this.nodes = this.nodes.map(node => ({ ...node, up: false, answers: false }));
  }

  private describe(node: SwarmNode, all: readonly SwarmNode[]): NamedNode {
    const { State } = node.Status;
    const { Availability } = node.Spec;
    return {
      id: node.ID,
      name: nameOf(node, all),
      state: Availability === "active" ? State : `${State}, ${Availability}`,
      up: State === "ready" && Availability === "active",
      answers: State === "ready",
      isAway: State === "down" || Availability === "drain",
      address: addressOf(node),
      takenPorts: this.nodes.find(({ id }) => id === node.ID)?.takenPorts ?? new Set<number>(),
    };
  }
}

/** Its host name; where two share one, with a part of its id. */
function nameOf(node: SwarmNode, all: readonly SwarmNode[]): string {
  const label = ({ Description }: SwarmNode) =>
    Description.Hostname.toLowerCase().replace(/[^a-z0-9-]/g, "-");
  const isTwice = all.filter(other => label(other) === label(node)).length > 1;
  return isTwice ? `${label(node)}-${node.ID.slice(0, 5)}` : label(node);
}

/** A manager may not know its own. */
function addressOf({ Status, ManagerStatus }: SwarmNode): string {
  const address = Status.Addr ?? "";
  return address === "0.0.0.0" || address === ""
    ? (ManagerStatus?.Addr?.replace(/:\d+$/, "") ?? "")
    : address;
}
