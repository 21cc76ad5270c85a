/** Outer ports: from 49153 up, unique on each node, not handed out again before the others have had their turn. */
const FIRST = 49153;
const LAST = 65535;

interface NodePorts {
  used: Set<number>;
  next: number;
}

export class PortAllocator {
  private readonly nodes = new Map<string, NodePorts>();

  constructor(names: readonly string[]) {
    for (const name of names) this.nodes.set(name, { used: new Set(), next: FIRST });
  }

  /** The first node with enough free ports, and those ports; undefined when every node is full. They are not taken yet. */
  find(count: number): { node: string; ports: number[] } | undefined {
    for (const [node, state] of this.nodes) {
      if (LAST - FIRST + 1 - state.used.size < count) continue;
      const ports: number[] = [];
      for (let port = state.next; ports.length < count; port = after(port)) {
        if (!state.used.has(port)) ports.push(port);
      }
      return { node, ports };
    }
    return undefined;
  }

  take(node: string, ports: readonly number[]): void {
    const state = this.state(node);
    for (const port of ports) {
      state.used.add(port);
      state.next = after(port);
    }
  }

  release(node: string, ports: readonly number[]): void {
    const state = this.state(node);
    for (const port of ports) state.used.delete(port);
  }

  /** Also nodes that the backend no longer names: their containers are still on record. */
  private state(node: string): NodePorts {
    const known = this.nodes.get(node);
    if (known) return known;
    const created = { used: new Set<number>(), next: FIRST };
    this.nodes.set(node, created);
    return created;
  }
}

function after(port: number): number {
  return port === LAST ? FIRST : port + 1;
}
