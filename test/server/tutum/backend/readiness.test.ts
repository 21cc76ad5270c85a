/** When a container counts as running: played without any engine, against real ports. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type Address, probe } from "../../../../server/apis/tutum/backend/containers/port-probe";
import {
  becomeReady,
  nothingAnswers,
  waitingFor,
} from "../../../../server/apis/tutum/backend/containers/readiness";
import { createManualClock } from "../../../../server/index";
import { until } from "../../../until";
import { atEnd } from "../../harness";
import { nobody } from "../proxy/proxied";

async function listening(accept: (socket: Socket) => void): Promise<Address & { server: Server }> {
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    sockets.push(socket);
    socket.on("error", () => {});
    accept(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port, server };
}

test("a connection that stays open or brings bytes is an answer; one that is closed or reset at once is none", async () => {
  const found = await Promise.all([
    listening(() => {}).then(probe),
    listening(socket => socket.write("220 ready")).then(probe),
    listening(socket => socket.end("bye")).then(probe),
    listening(socket => socket.end()).then(probe),
    listening(socket => socket.destroy()).then(probe),
    listening(socket => socket.resetAndDestroy()).then(probe),
    nobody().then(probe),
    probe({ host: "no-such-name.invalid", port: 80 }),
  ]);
  expect(found).toEqual([
    ...["answers", "answers", "answers", "silent", "silent", "silent", "silent"],
    "unreachable",
  ]);
});

/** One that was started; `advance` passes its time until it is decided. */
function started(addresses: Address[], times = { settle: 2_000, ready: 60_000 }) {
  const clock = createManualClock();
  const played = { stands: true, looks: 0, said: 0, wake: () => {} };
  const decided = becomeReady(
    {
      stands: async () => {
        played.looks++;
        return played.stands;
      },
      addresses: () => addresses,
      waiting: () => void played.said++,
      happened: () => new Promise<void>(resolve => (played.wake = resolve)),
    },
    times,
    clock,
  );
  let result: string | undefined;
  void decided.then(found => (result = found));
  /** Lets so much time pass, giving each step the turns that real connections need. */
  const pass = async (ms: number) => {
    for (let at = 0; at < ms && result === undefined; at += 500) {
      await clock.advance(500);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    return result;
  };
  return { played, clock, decided, pass };
}

test("without ports it is ready when it has stood for a moment, and not before", async () => {
  const { clock, pass, decided, played } = started([]);
  await clock.advance(1_999);
  // Whatever else happens to it does not make it wait longer, or shorter.
  played.wake();
  expect(await pass(0)).toBe(undefined);
  await clock.advance(1);
  expect(await decided).toBe("ready");
  expect(played.said).toBe(0);
});

test("one that ends before is over, as soon as that is heard of", async () => {
  const { played, decided } = started([]);
  await until(() => played.looks > 0);
  played.stands = false;
  await until(() => {
    played.wake();
    return played.looks > 1;
  });
  expect(await decided).toBe("over");
});

test("its port is waited for, which is said once; when it answers it is ready", async () => {
  const address = await nobody();
  const { played, clock, decided } = started([address]);
  await until(async () => {
    await clock.advance(500);
    return played.said > 0;
  });
  const server = createServer(() => {}).listen(address.port, "127.0.0.1");
  atEnd(() => server.close());
  await once(server, "listening");
  let ready: string | undefined;
  void decided.then(found => (ready = found));
  await until(async () => {
    await clock.advance(100);
    return ready !== undefined;
  });
  expect([ready, played.said]).toEqual(["ready", 1]);
});

test("a port that never answers makes it silent; it is not waited for when that is not wanted", async () => {
  const address = await nobody();
  const silent = started([address], { settle: 2_000, ready: 5_000 });
  await until(async () => (await silent.pass(1_000)) !== undefined);
  expect(await silent.decided).toBe("silent");
  const unasked = started([address], { settle: 0, ready: 0 });
  expect(await unasked.decided).toBe("ready");
});

test("the words name the ports, and the way out", () => {
  const ports = [
    { protocol: "tcp" as const, inner_port: 80, outer_port: 49153 },
    { protocol: "udp" as const, inner_port: 53, outer_port: 49154 },
    { protocol: "tcp" as const, inner_port: 443, outer_port: 49155 },
  ];
  expect(waitingFor(ports)).toBe("waiting for an answer on port 80 or 443");
  expect(nothingAnswers(ports, { settle: 2_000, ready: 60_000 })).toBe(
    "started, but nothing answers on its ports 80/tcp, 443/tcp within 60 s (--ready-timeout says how long is waited)",
  );
});
