/** The engine that started this process, at the address it gave: lines for its display, and whether it is there. */

export interface Engine {
  /** Lines arrive in the order in which they were given; resolves when this one has. */
  log(urn: string | undefined, kind: "live" | "warning", message: string): Promise<void>;
  /** Calls back once when an engine that was there is gone. */
  onGone(callback: () => void): void;
}

interface LogRequest {
  setSeverity(severity: number): void;
  setMessage(message: string): void;
  setUrn(urn: string): void;
  setEphemeral(ephemeral: boolean): void;
  serializeBinary(): Uint8Array;
}

interface Channel {
  getConnectivityState(connect: boolean): number;
  watchConnectivityState(state: number, deadline: Date | number, callback: () => void): void;
}

interface Client {
  waitForReady(deadline: number, callback: (error?: Error) => void): void;
  getChannel(): Channel;
  makeUnaryRequest<Q>(
    path: string,
    serialize: (request: Q) => Buffer,
    deserialize: (bytes: Buffer) => Buffer,
    request: Q,
    callback: () => void,
  ): void;
}

interface Grpc {
  Client: new (address: string, credentials: unknown) => Client;
  credentials: { createInsecure(): unknown };
}

interface EngineMessages {
  LogRequest: new () => LogRequest;
  LogSeverity: { INFO: number; WARNING: number };
}

/** Milliseconds in which an engine that is there accepts a connection. */
const PATIENCE = 2_000;

export function engineAt(load: NodeJS.Require, address: string): Engine {
  const { Client, credentials } = load("@grpc/grpc-js") as Grpc;
  const { LogRequest, LogSeverity } = load("../../proto/engine_pb.js") as EngineMessages;
  const client = new Client(address, credentials.createInsecure());
  let last: Promise<void> = Promise.resolve();

  return {
    log(urn, kind, message) {
      const request = new LogRequest();
      request.setSeverity(kind === "live" ? LogSeverity.INFO : LogSeverity.WARNING);
      request.setMessage(message);
      request.setUrn(urn ?? "");
      request.setEphemeral(kind === "live");
      // Not by the generated client: it would read the empty answer by the class that `cancel` watches.
      const send = () =>
        new Promise<void>(done => {
          client.makeUnaryRequest(
            "/pulumirpc.Engine/Log",
            message => Buffer.from(message.serializeBinary()),
            bytes => bytes,
            request,
            () => done(),
          );
        });
      last = last.then(send);
      return last;
    },

    onGone(callback) {
      const channel = client.getChannel();
      const meet = (missed: () => void) =>
        client.waitForReady(Date.now() + PATIENCE, error => {
          if (error) missed();
          else channel.watchConnectivityState(READY, Number.POSITIVE_INFINITY, () => meet(callback));
        });
      // Never there, as in a debugger: there is nothing that could be missed.
      meet(() => undefined);
    },
  };
}

/** gRPC's number for a channel that is connected. */
const READY = 2;
