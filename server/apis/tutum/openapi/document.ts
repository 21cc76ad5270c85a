/** The API's document, made of what the routes say. */
import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { serveDocument } from "../../../host/http/document-page";
import { version } from "../../../version";
import { application, applicationCreate, applicationSummary, applicationUpdate } from "./application-schemas";
import { container, containerSummary } from "./container-schemas";
import { image, imageCreate, imageUpdate, role } from "./image-schemas";
import { error, pageOf } from "./shared-schemas";

const SCHEMAS = {
  Application: application,
  ApplicationSummary: applicationSummary,
  ApplicationPage: pageOf("ApplicationSummary"),
  ApplicationCreate: applicationCreate,
  ApplicationUpdate: applicationUpdate,
  Container: container,
  ContainerSummary: containerSummary,
  ContainerPage: pageOf("ContainerSummary"),
  Image: image,
  ImageCreate: imageCreate,
  ImageUpdate: imageUpdate,
  ImagePage: pageOf("Image"),
  Role: role,
  Error: error,
};

/** To be called before the routes are added. */
export function documentApi(app: FastifyInstance): void {
  for (const [$id, schema] of Object.entries(SCHEMAS)) app.addSchema({ $id, ...schema });
  app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tutum API v1",
        version,
        description: "Applications and containers as on Tutum in spring 2014, answered by tutum-server.",
      },
      servers: [{ url: "/" }],
      tags: ["applications", "containers", "images", "account", "control"].map(name => ({ name })),
      components: {
        securitySchemes: {
          apiKey: {
            type: "apiKey",
            in: "header",
            name: "Authorization",
            description: "`ApiKey <user>:<apikey>`",
          },
          basic: { type: "http", scheme: "basic", description: "User and API key; on auth/ the password" },
          controlToken: { type: "http", scheme: "bearer", description: "Token of the control API" },
        },
      },
      security: [{ apiKey: [] }, { basic: [] }],
    },
    hideUntagged: true,
    refResolver: { buildLocalReference: json => String(json.$id) },
    // A private image's name holds slashes, which the router knows as a wildcard.
    transform: ({ schema, url }) => ({ schema, url: url.replace("*", ":name") }),
  });
  serveDocument(app, "Tutum API v1");
}
