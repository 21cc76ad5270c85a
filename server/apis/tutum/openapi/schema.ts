/** JSON Schema, as far as it is used here. */
export type Schema = { [keyword: string]: unknown };

/** Objects have exactly these keys. */
export function exactly(properties: Record<string, Schema>, optional: string[] = []): Schema {
  const required = Object.keys(properties).filter(key => !optional.includes(key));
  return { type: "object", required, properties, additionalProperties: false };
}

/** A named schema of `components/schemas`. */
export function named(name: string, description?: string): Schema {
  return { $ref: `${name}#`, ...(description ? { description } : {}) };
}

export function listOf(items: Schema): Schema {
  return { type: "array", items };
}

export const text: Schema = { type: "string" };
export const count: Schema = { type: "integer", minimum: 0 };

export function oneOf(values: readonly string[]): Schema {
  return { type: "string", enum: [...values] };
}

/** A text of this form; `examples` for whoever makes some. */
export function matching(pattern: RegExp, description?: string, examples?: string[]): Schema {
  return {
    type: "string",
    pattern: pattern.source,
    ...(description ? { description } : {}),
    ...(examples ? { examples } : {}),
  };
}

/** Null counts as absent: clients send it for what they do not set. */
export function optional(schema: Schema): Schema {
  const { enum: values } = schema;
  return { ...nullable(schema), ...(Array.isArray(values) ? { enum: [...values, null] } : {}) };
}

export function nullable(schema: Schema): Schema {
  return { ...schema, type: [schema.type, "null"] };
}
