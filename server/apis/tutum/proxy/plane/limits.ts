/** What a connection may take: every wait has an end, and whatever comes from outside is bounded. */
export interface ProxyLimits {
  /** Milliseconds a container has to accept a connection. */
  connectMs: number;
  /** Milliseconds without a byte from the container, before and within its response, or until it takes more of a body. */
  silenceMs: number;
  /** After so long without a first byte a container is asked whether it lives, while others could answer. */
  hangMs: number;
  /** Milliseconds a client has to send the head of a request. */
  headMs: number;
  /** Milliseconds a client may be silent within a body, or read nothing of a response. */
  clientMs: number;
  /** Milliseconds a WebSocket may be silent in both directions. */
  tunnelMs: number;
  /** Open connections of clients, in all and from one address; more are refused. */
  connections: number;
  connectionsOfAddress: number;
  /** Of one address, those that are waited on for a request; when there are more, the one that idles longest is closed. */
  idleOfAddress: number;
  /** Milliseconds in which an idle connection is not closed for another one. */
  graceMs: number;
  /** Headers of a request. Web servers behind may drop what they find too many, and node does from 1,000 on. */
  headers: number;
  /** Requests that a client sends ahead of the responses. */
  pipelined: number;
}

export const DEFAULT_PROXY_LIMITS: ProxyLimits = {
  connectMs: 2_000,
  silenceMs: 120_000,
  hangMs: 2_000,
  headMs: 15_000,
  clientMs: 60_000,
  tunnelMs: 3_600_000,
  connections: 2_000,
  connectionsOfAddress: 1_000,
  idleOfAddress: 200,
  graceMs: 1_000,
  headers: 200,
  pipelined: 100,
};
