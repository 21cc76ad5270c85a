/** URN and `customTimeouts` of an operation: in the host's request, but not in what it hands to a provider. */

export interface OperationRequest {
  urn?: string;
  /** Milliseconds of `customTimeouts` for this operation; absent when the program set none. */
  timeout?: number;
}

interface Message {
  getUrn(): string;
  getTimeout?(): number;
}

interface Struct {
  toJavaScript(): object;
}

const REQUEST = Symbol("request");

/** The messages of operations, and the method by which the host takes the properties that it hands over. */
const PROPERTIES = {
  CreateRequest: "getProperties",
  ReadRequest: "getProperties",
  UpdateRequest: "getNews",
  DeleteRequest: "getProperties",
} as const;

/** Makes the host's own message classes leave a note on the properties. */
export function keepRequests(load: NodeJS.Require): void {
  const messages = load("../../proto/provider_pb.js") as Record<
    string,
    { prototype: Record<string, unknown> }
  >;
  for (const [message, method] of Object.entries(PROPERTIES)) {
    const prototype = messages[message]?.prototype;
    const take = prototype?.[method] as ((this: Message) => Struct | undefined) | undefined;
    if (!prototype || !take) continue;
    prototype[method] = function (this: Message) {
      const struct = take.call(this);
      return struct && noted(struct, { urn: this.getUrn(), timeout: milliseconds(this.getTimeout?.()) });
    };
  }
}

export function requestOf(received: object): OperationRequest {
  return (received as { [REQUEST]?: OperationRequest })[REQUEST] ?? {};
}

function noted(struct: Struct, request: OperationRequest): Struct {
  const toJavaScript = struct.toJavaScript.bind(struct);
  struct.toJavaScript = () => Object.defineProperty(toJavaScript(), REQUEST, { value: request });
  return struct;
}

/** The engine sends seconds, and 0 for none. */
function milliseconds(seconds: number | undefined): number | undefined {
  return seconds ? seconds * 1_000 : undefined;
}
