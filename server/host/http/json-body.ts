/** Request bodies: JSON, or nothing at all whatever the content type says (old clients send JSON's on empty bodies). */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HostError } from "../errors";

/** Deeper bodies are refused: `JSON.parse` survives them, what comes later may not. */
const MAX_DEPTH = 32;
const LONE_SURROGATE = /\p{Surrogate}/u;

export function acceptJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, async (request: FastifyRequest, bytes: Buffer) => {
    const body = decode(bytes);
    if (body.trim() === "") return undefined;
    if (!isJson(request.headers["content-type"])) {
      throw new HostError(415, "The request body must be application/json.");
    }
    if (depthOf(body) > MAX_DEPTH) {
      throw badRequest(`The JSON body is nested deeper than ${MAX_DEPTH} levels.`);
    }
    const value = parse(body);
    check(value);
    return value;
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badRequest("The request body is not valid UTF-8.");
  }
}

/** The engine's own message shows part of the body, which may be a secret. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    throw badRequest(
      `The request body is not valid JSON${position ? `, from character ${position} on` : ""}.`,
    );
  }
}

/** What no text in UTF-8 can hold would silently become another text on the disk and in a container. */
function check(value: unknown): void {
  if (typeof value === "string" && LONE_SURROGATE.test(value)) {
    throw badRequest('A text in the request body holds half of a surrogate pair (as in "\\ud800").');
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, content] of Object.entries(value)) {
    // To a program that is less careful than this one, it would change what all objects are.
    if (key === "__proto__") throw badRequest('The request body must not have a key "__proto__".');
    check(key);
    check(content);
  }
}

function badRequest(message: string): HostError {
  return new HostError(400, message);
}

function isJson(contentType = ""): boolean {
  return /^(application|text)\/json\s*(;|$)/i.test(contentType.trim());
}

function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}
