/** The schemas that several endpoints and both kinds of objects share. */
import type { AutoPolicy, ContainerSize, PortProtocol } from "../../../../provider/tutum/client/types";
import { APPLICATION_STATES, CONTAINER_STATES } from "../model/states";
import { count, exactly, named, nullable, oneOf, type Schema, text } from "./schema";

/** All members of a union, checked by the compiler to be all. */
function all<T extends string>(members: Record<T, true>): Schema {
  return oneOf(Object.keys(members));
}

export const containerState = oneOf(CONTAINER_STATES);
export const applicationState = oneOf(APPLICATION_STATES);

export const policy = all<AutoPolicy>({ OFF: true, ON_FAILURE: true, ALWAYS: true });
export const size = all<ContainerSize>({ XS: true, S: true, M: true, L: true, XL: true });
export const protocol = all<PortProtocol>({ tcp: true, udp: true });

export const port: Schema = { type: "integer", minimum: 1, maximum: 65535 };
export const uuid: Schema = {
  type: "string",
  pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
};

/** RFC 2822 with an unpadded day, in UTC. */
export const datetime: Schema = {
  type: ["string", "null"],
  pattern: "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d{1,2} [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d \\+0000$",
  examples: ["Sun, 6 Apr 2014 17:59:42 +0000"],
};

export function uri(kind: "application" | "container"): Schema {
  return { type: "string", pattern: `^/api/v1/${kind}/[^/]+/$` };
}

export const imageTag: Schema = { type: "string", pattern: "^/api/v1/image/.+/tag/[^/]+/$" };

/** With an alias as an object, without as the target's URI. */
export const linkedTo: Schema = {
  type: "array",
  items: {
    anyOf: [
      uri("application"),
      exactly({ from_application: uri("application"), name: text, to_application: uri("application") }),
    ],
  },
};

export const variables: Schema = { type: "object", additionalProperties: { type: "string" } };

export function pageOf(name: string): Schema {
  const meta = exactly({
    limit: count,
    next: nullable(text),
    offset: count,
    previous: nullable(text),
    total_count: count,
  });
  return exactly({ meta, objects: { type: "array", items: named(name) } });
}

const messages: Schema = { type: "array", items: text };

/** `{"error": "..."}`, or the messages for each field under the kind of object. */
export const error: Schema = {
  type: "object",
  minProperties: 1,
  maxProperties: 1,
  properties: { error: text },
  additionalProperties: {
    anyOf: [text, { type: "object", additionalProperties: messages }],
  },
};
