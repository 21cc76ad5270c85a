import type { FastifyInstance } from "fastify";
import { ApiError } from "../../../host/errors";
import { imageTag } from "../openapi/image-schemas";
import { named, type Schema } from "../openapi/schema";
import type { Engine } from "../operations/engine";
import { createImage, getImageOrTag, listImages, removeImage, updateImage } from "../operations/images";
import { PAGING } from "./paging";
import { type ApiRequest, resource } from "./resource";

const ROOT = "/api/v1/image/";
const REMOVED: Schema = { type: "null", description: "It is gone" };

export function imageRoutes(app: FastifyInstance, engine: Engine): void {
  resource(app, "images", ROOT, {
    GET: {
      summary: "List private images",
      status: 200,
      query: PAGING,
      answer: named("ImagePage"),
      handle: request => listImages(engine, request.query),
    },
    POST: {
      summary: "Add a private image",
      status: 202,
      body: named("ImageCreate"),
      answer: named("Image"),
      failures: { 409: named("Error", "It is there already") },
      handle: request => createImage(engine, request.body),
    },
  });
  resource(app, "images", `${ROOT}*`, {
    GET: {
      summary: "Get a private image, or one of its tags (<name>/tag/<tag>)",
      status: 200,
      answer: { anyOf: [named("Image"), imageTag] },
      handle: request => getImageOrTag(engine, nameOf(request)),
    },
    PATCH: {
      summary: "Change a private image's description or credentials",
      status: 202,
      body: named("ImageUpdate"),
      answer: named("Image"),
      handle: request => updateImage(engine, nameOf(request), request.body),
    },
    DELETE: {
      summary: "Forget a private image",
      status: 204,
      answer: REMOVED,
      handle: request => removeImage(engine, nameOf(request)),
    },
  });
}

function nameOf(request: ApiRequest): string {
  const name = request.params["*"].replace(/\/$/, "");
  if (name === "") throw new ApiError(404);
  return name;
}
