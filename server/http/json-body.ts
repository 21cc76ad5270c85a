/** Request bodies: JSON, or nothing at all whatever the content type says (old clients send JSON's on empty bodies). */
import type { FastifyInstance } from "fastify";
import { ApiError } from "../errors";

/** Deeper bodies are refused: `JSON.parse` survives them, what comes later may not. */
const MAX_DEPTH = 32;

export function acceptJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (request, text, done) => {
    const body = text.toString();
    if (body.trim() === "") return done(null, undefined);
    if (!isJson(request.headers["content-type"])) {
      return done(new ApiError(415, { error: "The request body must be application/json." }));
    }
    if (depthOf(body) > MAX_DEPTH) {
      return done(new ApiError(400, { error: `The JSON body is nested deeper than ${MAX_DEPTH} levels.` }));
    }
    parseJson(request, body, (error: Error | null, value?: unknown) => {
      if (error) done(new ApiError(400, { error: `The request body is not valid JSON: ${error.message}` }));
      else done(null, value);
    });
  });
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
