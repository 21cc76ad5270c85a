/**
 * Whether a process answers at a port. An accepted connection alone says nothing: Docker's userland proxy accepts
 * everything and then closes. One that stays open, or on which bytes come, is an answer.
 */
import { connect } from "node:net";

export interface Address {
  host: string;
  port: number;
}

/** `unreachable`: nothing can be told from here. */
export type Probed = "answers" | "silent" | "unreachable";

const CONNECT_MS = 2_000;
const OPEN_MS = 200;
const UNREACHABLE = ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT"];

export function probe({ host, port }: Address): Promise<Probed> {
  return new Promise(resolve => {
    const socket = connect({ host, port });
    const end = (found: Probed) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    let timer = setTimeout(() => end("unreachable"), CONNECT_MS);
    socket.on("error", ({ code = "" }: NodeJS.ErrnoException) =>
      end(UNREACHABLE.includes(code) ? "unreachable" : "silent"),
    );
    socket.once("connect", () => {
      clearTimeout(timer);
      timer = setTimeout(() => end("answers"), OPEN_MS);
    });
    socket.once("data", () => end("answers")).once("end", () => end("silent"));
  });
}
