/**
 * Bugs on purpose, each texts of the proxy's compiled code and what they become: the generator must find every one.
 * A text that is not there exactly once is an error, so that no bug silently vanishes in a refactoring.
 */
export interface ProxyBug {
  name: string;
  changes: { file: string; from: string; to: string }[];
  /** Played before one looks what is left; any other bug is seen at once. */
  exchanges?: number;
}

export const PROXY_BUGS: readonly ProxyBug[] = [
  {
    name: "a status that node cannot send is passed on",
    changes: [
      {
        file: "response-headers.js",
        from: "if (status !== 101 && (status < 200 || status > 599))",
        to: "if (status === -1)",
      },
    ],
  },
  {
    name: "trailers are announced where none can follow",
    changes: [{ file: "hop-by-hop.js", from: '"trailer",', to: "" }],
  },
  {
    name: "a reason phrase is passed on as it is",
    changes: [
      {
        file: "response-headers.js",
        from: 'statusMessage.replace(/[^\\t\\x20-\\x7e]/g, "?")',
        to: "statusMessage",
      },
    ],
  },
  {
    name: "nobody hears a container break off",
    changes: [{ file: "ask.js", from: '.on("error", lost)', to: "" }],
  },
  {
    name: "nobody hears a visitor's WebSocket break off",
    changes: [
      { file: "proxy.js", from: 'socket.on("error", () => { });', to: "" },
      { file: "proxy.js", from: 'stream.on("error", () => socket.destroy());', to: "" },
      { file: "tunnel.js", from: '.on("error", end)', to: "" },
    ],
  },
  {
    name: "a visitor that went away leaves its request to the container",
    exchanges: 500,
    changes: [{ file: "forwarder.js", from: 'response.on("close", () => seeking.giveUp());', to: "" }],
  },
  {
    name: "one end of a WebSocket leaves the other open",
    exchanges: 1_000,
    changes: [
      { file: "tunnel.js", from: "to.destroySoon();", to: "" },
      { file: "tunnel.js", from: "to.end();", to: "" },
    ],
  },
  {
    name: "headers are dropped where they are too many, and a body that none announces goes on",
    changes: [
      { file: "proxy.js", from: "server.maxHeadersCount = 0;", to: "" },
      { file: "request-headers.js", from: "if (pairs.length > headers)", to: "if (pairs.length < 0)" },
      {
        file: "forwarder.js",
        from: "body: extra.length === 0 && (0, request_headers_1.hasBody)(request) ? request : undefined,",
        to: "body: extra.length === 0 ? request : undefined,",
      },
    ],
  },
];
