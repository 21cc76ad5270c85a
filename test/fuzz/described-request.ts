/** Requests made of what `/openapi.json` says: such as it allows, and such as it does not. */
import Ajv2020 from "ajv/dist/2020";
import fc from "fast-check";
import type { Chance } from "../simulation/chance";

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  pattern?: string;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  not?: Schema;
}

interface Operation {
  parameters?: { in: string; name: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

export interface Described {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface DescribedRequest {
  method: string;
  path: string;
  body: unknown;
  headers: Record<string, string>;
  /** What the document does not allow; nothing when it allows all of it. */
  wrong: string[];
}

const JUNK = [
  ...[null, true, 0, -1, 1.5, 1e9, "", " ", "a b", "\u0000", "x".repeat(300), "ü", "1", "-1", "/", "a=b"],
  ...[[], {}, [[]], [null], { key: 1 }, { inner_port: 0 }, { to_application: "x" }],
];

export class DescribedRequests {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly texts = new Map<string, string[]>();
  private readonly operations: { method: string; path: string; operation: Operation }[];

  constructor(
    private readonly document: Described,
    private readonly chance: Chance,
    private readonly seed: number,
  ) {
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      path.startsWith("/api/")
        ? Object.entries(methods).map(([method, operation]) => ({ method, path, operation }))
        : [],
    );
  }

  /** `uuids` of applications and containers that exist. */
  next(uuids: readonly string[]): DescribedRequest {
    const { method, path, operation } = this.pick(this.operations);
    const wrong: string[] = [];
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    let target = path.replace("{name}", "quay.io/me/app/");
    for (const { in: place, name, schema } of operation.parameters ?? []) {
      if (place === "path") {
        const known = name === "uuid" && uuids.length > 0 && this.chance() < 0.8;
        target = target.replace(`{${name}}`, known ? this.pick(uuids) : String(this.make(schema)));
        continue;
      }
      if (this.chance() < 0.7) continue;
      const value =
        this.chance() < 0.3 ? this.pick(["", "x", "-1", "1.5", " 2 "]) : String(this.make(schema));
      if (place === "header" && value.trim() === "") continue;
      if (!this.allows(schema, value)) wrong.push(`${name}=${value}`);
      if (place === "query") query.set(name, value);
      else headers[name.toLowerCase()] = value;
    }
    const schema = operation.requestBody?.content["application/json"]?.schema;
    let body: unknown;
    if (schema) {
      body = this.withUuids(this.make(schema), uuids);
      if (this.chance() < 0.5) body = this.spoilt(body);
      if (!this.allows(schema, body)) wrong.push(this.ajv.errorsText());
    }
    const search = query.size > 0 ? `?${query}` : "";
    return { method: method.toUpperCase(), path: target + search, body, headers, wrong };
  }

  private allows(schema: Schema, value: unknown): boolean {
    const { components } = this.document;
    return this.ajv.validate({ ...schema, components }, value) === true;
  }

  private make(schema: Schema): unknown {
    if (schema.$ref) {
      const named = this.document.components.schemas[schema.$ref.split("/").pop() ?? ""];
      return named ? this.make(named) : null;
    }
    if (schema.enum) return this.pick(schema.enum);
    if (schema.properties) return this.makeObject(schema.properties, schema);
    if (schema.anyOf) return this.make(this.pick(schema.anyOf));
    const type = Array.isArray(schema.type) ? this.pick(schema.type) : schema.type;
    if (type === "null") return null;
    if (type === "boolean") return this.chance() < 0.5;
    if (type === "integer") return this.makeInteger(schema);
    if (type === "array") {
      const length = Math.floor(this.chance() * 4);
      return Array.from({ length }, () => this.make(schema.items ?? {}));
    }
    return this.makeText(schema);
  }

  private makeObject(properties: Record<string, Schema>, { required = [], anyOf = [], type }: Schema) {
    if (Array.isArray(type) && type.includes("null") && this.chance() < 0.1) return null;
    const needed = [...required, ...(anyOf[0]?.required ?? [])];
    const chosen = Object.entries(properties).filter(
      ([name, { not }]) => not === undefined && (needed.includes(name) || this.chance() < 0.35),
    );
    return Object.fromEntries(chosen.map(([name, schema]) => [name, this.make(schema)]));
  }

  private makeInteger({ minimum = 0, maximum = 100 }: Schema): number {
    return this.chance() < 0.3
      ? this.pick([minimum, maximum])
      : minimum + Math.floor(this.chance() * Math.min(maximum - minimum, 3));
  }

  private makeText({ pattern, examples }: Schema): unknown {
    if (examples) return this.pick(examples);
    if (!pattern) return this.pick(["", "text", "a b", "ü"]);
    let known = this.texts.get(pattern);
    if (!known) {
      known = fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 50, seed: this.seed });
      this.texts.set(pattern, known);
    }
    return this.pick(known);
  }

  /** Links to what exists are more interesting than those to nothing. */
  private withUuids(body: unknown, uuids: readonly string[]): unknown {
    if (typeof body !== "object" || body === null || !("linked_to_application" in body)) return body;
    const links = body.linked_to_application;
    if (!Array.isArray(links)) return body;
    const linked_to_application = links.map(link =>
      typeof link === "string" && this.chance() < 0.7 ? (uuids[0] ?? link) : link,
    );
    return { ...body, linked_to_application };
  }

  /** With junk in one place, or without something. */
  private spoilt(value: unknown): unknown {
    if (typeof value !== "object" || value === null || this.chance() < 0.15) return this.pick(JUNK);
    const keys = Object.keys(value);
    const key = this.pick(keys.length > 0 ? keys : ["x"]);
    if (Array.isArray(value)) return value.map((item, at) => (String(at) === key ? this.spoilt(item) : item));
    const { [key]: old, ...rest } = value as Record<string, unknown>;
    return this.chance() < 0.1
      ? rest
      : { ...rest, [key]: this.chance() < 0.5 ? this.pick(JUNK) : this.spoilt(old) };
  }

  private pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.chance() * values.length)] as T;
  }
}
