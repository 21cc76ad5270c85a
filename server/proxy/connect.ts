/** Connects to a container that answers: they take turns, and one that did not answer comes last for a while. */
import { connect, type Socket } from "node:net";
import type { Address, Destination } from "./destinations";

/** So long one that did not answer is tried only after the others. */
const ASIDE_MS = 5_000;
/** Applications whose turn is remembered. */
const TURNS = 10_000;

export class Connector {
  private readonly turns = new Map<string, number>();
  private readonly asideUntil = new Map<string, number>();

  constructor(private readonly connectMs: number) {}

  /** Undefined when none of them answers. */
  async connect({ application, addresses }: Destination): Promise<Socket | undefined> {
    const turn = this.turns.get(application) ?? 0;
    this.turns.delete(application);
    this.turns.set(application, turn + 1);
    const [oldest] = this.turns.keys();
    if (this.turns.size > TURNS && oldest !== undefined) this.turns.delete(oldest);

    const first = turn % addresses.length;
    const inTurn = [...addresses.slice(first), ...addresses.slice(0, first)];
    const aside = inTurn.filter(address => this.isAside(address));
    for (const address of [...inTurn.filter(address => !aside.includes(address)), ...aside]) {
      const socket = await this.open(address);
      if (socket) return socket;
    }
    return undefined;
  }

  private open({ host, port }: Address): Promise<Socket | undefined> {
    return new Promise(resolve => {
      const socket = connect({ host, port, timeout: this.connectMs, noDelay: true });
      const failed = () => {
        socket.destroy();
        this.asideUntil.set(keyOf({ host, port }), Date.now() + ASIDE_MS);
        resolve(undefined);
      };
      socket.once("error", failed).once("timeout", failed);
      socket.once("connect", () => {
        socket.off("error", failed).off("timeout", failed).setTimeout(0);
        this.asideUntil.delete(keyOf({ host, port }));
        resolve(socket);
      });
    });
  }

  private isAside(address: Address): boolean {
    const until = this.asideUntil.get(keyOf(address));
    if (until === undefined) return false;
    if (until > Date.now()) return true;
    this.asideUntil.delete(keyOf(address));
    return false;
  }
}

function keyOf({ host, port }: Address): string {
  return `${host} ${port}`;
}
