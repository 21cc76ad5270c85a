/** Asks the proxy of a data folder to go on when its server ends. */
import { connect } from "node:net";
import { socketOf } from "./meeting-place";
import { Channel } from "./plane/channel";

const ANSWER_MS = 5_000;

/** Milliseconds it will wait for the next server; undefined when there is no proxy. */
export function keepProxy(dataDir: string): Promise<number | undefined> {
  return new Promise(resolve => {
    const socket = connect(socketOf(dataDir));
    socket.once("error", () => resolve(undefined));
    socket.once("connect", async () => {
      const channel = new Channel(socket, { closed: () => {} });
      const reply = await channel.ask({ type: "stay" }, ANSWER_MS);
      channel.close();
      resolve(reply?.staysMs);
    });
  });
}
