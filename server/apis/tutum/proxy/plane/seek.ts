/** Looks for a container that answers a request: the next one is asked when nothing of it can have been carried out. */
import type { Socket } from "node:net";
import { type Asked, type Asking, ask, open, type Reply } from "./ask";
import type { ProxyLimits } from "./limits";
import type { Prober } from "./prober";
import type { Table, Target } from "./table";

/** May be carried out twice (RFC 9110, 9.2.2). One with a body that is on its way cannot be sent again. */
const REPEATABLE = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

export type Found = Reply | { kind: "nobody" };

export interface Seeking {
  found: Promise<Found>;
  giveUp(): void;
}

export class Seeker {
  constructor(
    private readonly table: Table,
    private readonly prober: Prober,
    private readonly limits: ProxyLimits,
  ) {}

  /** `begin` is called before the first container gets something of the request. */
  seek(targets: readonly Target[], asked: Asked, begin: () => void): Seeking {
    const search: Search = { asking: undefined, isGivenUp: false };
    return {
      found: this.inOrder(targets, asked, begin, search),
      giveUp: () => {
        search.isGivenUp = true;
        search.asking?.giveUp();
      },
    };
  }

  private async inOrder(
    targets: readonly Target[],
    asked: Asked,
    begin: () => void,
    search: Search,
  ): Promise<Found> {
    const isRepeatable = asked.body === undefined && REPEATABLE.includes(asked.method);
    let last: Found = { kind: "nobody" };
    for (const [index, target] of targets.entries()) {
      const socket = await open(target, this.limits.connectMs);
      if (search.isGivenUp) {
        socket?.destroy();
        return { kind: "given up" };
      }
      if (!socket) {
        this.prober.setAside(target);
        continue;
      }
      if (last.kind === "nobody") begin();
      const mayGoOn = isRepeatable && index + 1 < targets.length;
      const reply = await this.askOne(target, socket, asked, search, mayGoOn);
      if (reply.kind === "closed") this.prober.setAside(target);
      const isSilent = reply.kind === "closed" || reply.kind === "given up";
      if (search.isGivenUp || !isSilent || !isRepeatable) return reply;
      last = reply;
    }
    return last;
  }

  private async askOne(
    target: Target,
    socket: Socket,
    asked: Asked,
    search: Search,
    mayGoOn: boolean,
  ): Promise<Reply> {
    socket.once("data", () => {
      target.standing = "answers";
    });
    const asking = ask(socket, asked, this.limits);
    search.asking = asking;
    const watch = setInterval(() => {
      if (!this.table.isReplaceable(target)) return;
      // It never rejects.
      void this.prober.suspect(target).then(() => {
        if (target.standing === "hangs" && mayGoOn) asking.giveUp();
      });
    }, this.limits.hangMs);
    try {
      return await asking.reply;
    } finally {
      clearInterval(watch);
    }
  }
}

interface Search {
  asking: Asking | undefined;
  isGivenUp: boolean;
}
