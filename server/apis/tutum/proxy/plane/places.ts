/**
 * Who has the places that there are for clients' connections. A connection is idle while the head of a request is waited
 * for, the first or another: such ones make room for others, and one client has only a part of all.
 */
import type { Socket } from "node:net";
import { plainAddress, type TrustedProxies } from "../../../../host/http/trusted-proxies";
import type { ProxyLimits } from "./limits";

export class Places {
  /** With their clients' addresses: a closed one has none any more. */
  private readonly all = new Map<Socket, string>();
  /** Since when they are, longest first. */
  private readonly idle = new Map<Socket, number>();
  private readonly byAddress = new Map<string, { count: number; idle: Set<Socket> }>();

  constructor(
    private readonly limits: Pick<
      ProxyLimits,
      "connections" | "connectionsOfAddress" | "idleOfAddress" | "graceMs"
    >,
    /** Behind one of these, an address is everybody. */
    private readonly trusted: () => TrustedProxies,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** False: there is no place for it. */
  take(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? "");
    const { connections, connectionsOfAddress, idleOfAddress } = this.limits;
    if (this.all.size >= connections && !this.closeLongest(this.idle.keys())) return false;
    const same = this.byAddress.get(address);
    if (same && !this.trusted().has(address)) {
      if (same.idle.size >= idleOfAddress || same.count >= connectionsOfAddress) this.closeLongest(same.idle);
      if (same.count >= connectionsOfAddress) return false;
    }
    this.all.set(socket, address);
    // Again: the last of the same address may just have been closed.
    const { count, idle } = this.byAddress.get(address) ?? { count: 0, idle: new Set() };
    this.byAddress.set(address, { count: count + 1, idle });
    socket.once("close", () => this.leave(socket));
    this.waits(socket);
    return true;
  }

  /** A request has come. */
  works(socket: Socket): void {
    this.idle.delete(socket);
    this.byAddress.get(this.all.get(socket) ?? "")?.idle.delete(socket);
  }

  /** The next request is waited for. */
  waits(socket: Socket): void {
    const address = this.all.get(socket);
    if (address === undefined) return;
    this.idle.set(socket, this.now());
    this.byAddress.get(address)?.idle.add(socket);
  }

  /** False when none was idle for long enough. */
  private closeLongest(sockets: Iterable<Socket>): boolean {
    const [longest] = sockets;
    if (!longest || this.now() - (this.idle.get(longest) ?? 0) < this.limits.graceMs) return false;
    this.leave(longest);
    longest.destroy();
    return true;
  }

  private leave(socket: Socket): void {
    const address = this.all.get(socket);
    if (address === undefined) return;
    this.works(socket);
    this.all.delete(socket);
    const same = this.byAddress.get(address);
    if (same && --same.count === 0) this.byAddress.delete(address);
  }
}
