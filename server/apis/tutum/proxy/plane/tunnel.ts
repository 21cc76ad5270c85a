/** Two connections that are one from now on, as a WebSocket is: either side's end ends the other. */
import type { Socket } from "node:net";
import type { ProxyLimits } from "./limits";
import { pump } from "./pump";

export function tunnel(client: Socket, container: Socket, limits: ProxyLimits): void {
  const end = () => {
    client.destroy();
    container.destroy();
  };
  let idle = setTimeout(end, limits.tunnelMs);
  const lead = (from: Socket, to: Socket) => {
    from.on("error", end).on("close", () => {
      clearTimeout(idle);
      if (to.destroyed) return;
      // What it said last is still on its way, if it is taken at all.
      idle = setTimeout(end, limits.clientMs);
      to.destroySoon();
    });
    from.setKeepAlive(true, limits.clientMs);
    pump(from, to, {
      // Both may be silent, one of them for ever: `idle` counts for the two.
      sourceMs: 2 * limits.tunnelMs,
      sourceStalls: end,
      sinkMs: limits.clientMs,
      sinkStalls: end,
      end: () => {
        to.end();
        from.destroySoon();
      },
      progress: () => {
        if (!client.destroyed && !container.destroyed) idle.refresh();
      },
    });
  };
  lead(client, container);
  lead(container, client);
  // One that was gone before this began tells nobody any more.
  if (client.destroyed || container.destroyed) end();
}
