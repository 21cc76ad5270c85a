/** Checks what the server answers against the document it publishes: every answer of every test goes through here. */
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import { startServer } from "../../server/index";

interface Response {
  content?: Record<string, { schema: object }>;
}

export interface ApiDocument {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
  components: { schemas: Record<string, object> };
}

export function readDocument(url: string): Promise<ApiDocument> {
  return fetch(`${url}/openapi.json`).then(answer => answer.json()) as Promise<ApiDocument>;
}

let document: Promise<ApiDocument> | undefined;
let ajv: Ajv2020 | undefined;
const compiled = new Map<string, ValidateFunction>();

/** Throws when the document does not say that this may be answered. */
export async function expectDocumented(
  method: string,
  path: string,
  { status }: { status: number },
  text: string,
): Promise<void> {
  if (!path.startsWith("/api/")) return;
  document ??= ownDocument();
  const api = await document;
  const route = Object.keys(api.paths).find(template => matches(template, path));
  const operation = route === undefined ? undefined : api.paths[route]?.[method.toLowerCase()];
  if (!operation) {
    // No such path, or no such method on it; wrong credentials are told first.
    const expected = route === undefined ? [400, 401, 404, 429] : [401, 405, 429];
    if (!expected.includes(status))
      throw new Error(`${method} ${path} is not documented, but gave ${status}`);
    return;
  }
  const described = operation.responses[status];
  if (!described) throw new Error(`${method} ${path}: status ${status} is not documented`);
  const schema = described.content?.["application/json"]?.schema;
  if (!schema) {
    if (text !== "") throw new Error(`${method} ${path}: ${status} is documented to have no body: ${text}`);
    return;
  }
  const validate = validatorOf(api, `${route} ${method} ${status}`, schema);
  if (!validate(JSON.parse(text))) {
    throw new Error(
      `${method} ${path}: ${status} is not as documented: ${ajv?.errorsText(validate.errors)}\n${text}`,
    );
  }
}

/** Not of the server under test: its journal, log and faults are the test's. */
async function ownDocument(): Promise<ApiDocument> {
  const server = await startServer();
  try {
    return await readDocument(server.url);
  } finally {
    await server.close();
  }
}

function validatorOf(api: ApiDocument, key: string, schema: object): ValidateFunction {
  ajv ??= new Ajv2020({ allErrors: true, strict: false });
  const known = compiled.get(key);
  if (known) return known;
  const validate = ajv.compile({ ...schema, components: api.components });
  compiled.set(key, validate);
  return validate;
}

function matches(template: string, path: string): boolean {
  const pattern = template
    .replace(/\/$/, "")
    .replace("{name}", ".+")
    .replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}/?$`).test(path.split("?")[0] as string);
}
