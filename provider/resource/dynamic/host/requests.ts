/** What is in the host's request for an operation, but not in what it hands to a provider. */

export interface OperationRequest {
  urn?: string;
  /** Milliseconds of `customTimeouts` for this operation; absent when the program set none. */
  timeout?: number;
  /** Of a difference: the inputs in the state. */
  oldInputs?: object;
}

interface Message {
  getUrn(): string;
  getTimeout?(): number;
  getOldInputs?(): Struct | undefined;
}

interface Struct {
  toJavaScript(): object;
}

const REQUEST = Symbol("request");

/** The messages of operations: the method by which the host takes the properties that it hands over, and what is noted. */
const NOTES = {
  DiffRequest: { method: "getNews", note: inputs },
  CreateRequest: { method: "getProperties", note: identity },
  ReadRequest: { method: "getProperties", note: identity },
  UpdateRequest: { method: "getNews", note: identity },
  DeleteRequest: { method: "getProperties", note: identity },
} as const;

/** Makes the host's own message classes leave a note on the properties. */
export function keepRequests(load: NodeJS.Require): void {
  const messages = load("../../proto/provider_pb.js") as Record<
    string,
    { prototype: Record<string, unknown> }
  >;
  for (const [message, { method, note }] of Object.entries(NOTES)) {
    const prototype = messages[message]?.prototype;
    const take = prototype?.[method] as ((this: Message) => Struct | undefined) | undefined;
    if (!prototype || !take) continue;
    prototype[method] = function (this: Message) {
      const struct = take.call(this);
      return struct && noted(struct, note(this));
    };
  }
}

function identity(message: Message): OperationRequest {
  return { urn: message.getUrn(), timeout: milliseconds(message.getTimeout?.()) };
}

/** Not the URN: what a diff has to tell is among the stack's lines with what a check has, under the same name. */
function inputs(message: Message): OperationRequest {
  return { oldInputs: message.getOldInputs?.()?.toJavaScript() };
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
