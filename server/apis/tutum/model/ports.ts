/** Outer ports: from 49153 up, unique on each node, not handed out again before the others have had their turn. */
import type { BackendNode } from "./backend";

const FIRST = 49153;
const LAST = 65535;

interface NodePorts {
  used: Set<number>;
  next: number;
  containers: number;
}

export class PortAllocator {
  private readonly nodes = new Map<string, NodePorts>();

  /**
   * The first of the nodes that is up and has enough free ports, and those ports; undefined when there is none. They
   * are not taken yet. With `spread` the nodes with the fewest containers come first.
   */
  find(
    count: number,
    nodes: readonly BackendNode[],
    placement: "fill" | "spread" = "fill",
  ): { node: string; ports: number[] } | undefined {
    const up = nodes.filter(node => node.up);
    if (placement === "spread") {
      up.sort((a, b) => this.state(a.name).containers - this.state(b.name).containers);
    }
    for (const node of up) {
      const ports = this.free(count, node);
      if (ports) return { node: node.name, ports };
    }
    return undefined;
  }

  take(node: string, ports: readonly number[]): void {
    const state = this.state(node);
    state.containers++;
    for (const port of ports) {
      state.used.add(port);
      state.next = after(port);
    }
  }

  release(node: string, ports: readonly number[]): void {
    const state = this.state(node);
    state.containers--;
    for (const port of ports) state.used.delete(port);
  }

  private free(count: number, { name, takenPorts }: BackendNode): number[] | undefined {
    const { used, next } = this.state(name);
    const ports: number[] = [];
    for (let port = next, left = LAST - FIRST + 1; ports.length < count; port = after(port), left--) {
      if (left === 0) return undefined;
      if (!used.has(port) && !takenPorts.has(port)) ports.push(port);
    }
    return ports;
  }

  /** Also nodes that the backend no longer names: their containers are still on record. */
  private state(node: string): NodePorts {
    const known = this.nodes.get(node);
    if (known) return known;
    const created = { used: new Set<number>(), next: FIRST, containers: 0 };
    this.nodes.set(node, created);
    return created;
  }
}

function after(port: number): number {
  return port === LAST ? FIRST : port + 1;
}
