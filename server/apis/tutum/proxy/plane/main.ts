/** The proxy's process: `node main.js CONTROL_SOCKET CODE`. It is given nothing else, and has no environment. */
import { Server } from "node:net";
import { type Inheritance, Plane } from "./plane";

const [path = "", code = ""] = process.argv.slice(2);
const plane = new Plane(path, code, status => process.exit(status));

/** So long the reason of a death may take to reach the server's log. */
const LAST_WORDS_MS = 200;

process.once("uncaughtException", error => {
  process.stderr.write(`${error.stack}\n`);
  plane.log({
    level: "error",
    fields: { error: error.stack },
    message: "the proxy ends: an error nobody expected",
  });
  setTimeout(() => process.exit(1), LAST_WORDS_MS);
});
// Its error output is gone with the server that started it.
process.stderr.on("error", () => {});
process.on("SIGTERM", () => plane.end());
// It has a session of its own: a terminal's end is its server's concern.
process.on("SIGINT", () => {}).on("SIGHUP", () => {});

const ready = async () => {
  await plane.meetServers();
  if (process.send) process.send("ready");
  else process.stdout.write("ready\n");
};
if (process.send) {
  process.once("message", (inheritance: Inheritance, listener) => {
    plane.inherit(inheritance, listener instanceof Server ? listener : undefined);
    void ready();
  });
} else void ready();
