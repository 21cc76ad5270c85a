/** The description of the API, made of what the routes say. */
import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { serveDocument } from "../../../host/http/document-page";
import { version } from "../../../version";

const header = (name: string, description: string) =>
  ({ type: "apiKey", in: "header", name, description }) as const;

/** To be called before the routes are added. */
export function documentApi(app: FastifyInstance): void {
  app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "OVH API 1.0",
        version,
        description:
          "A part of OVH's API, answered by tutum-server for development and tests. Also below /v1.",
      },
      servers: [{ url: "/" }],
      tags: ["auth", "me", "domain", "dedicated server", "runabove"].map(name => ({ name })),
      components: {
        securitySchemes: {
          application: header("X-Ovh-Application", "Application key"),
          consumer: header("X-Ovh-Consumer", "Consumer key"),
          timestamp: header("X-Ovh-Timestamp", "Seconds, within 180 of `GET /auth/time`"),
          signature: header(
            "X-Ovh-Signature",
            "`$1$` and the SHA-1 of secret, consumer key, method, URL, body and timestamp, joined by `+`",
          ),
        },
      },
      security: [{ application: [], consumer: [], timestamp: [], signature: [] }],
    },
    hideUntagged: true,
  });
  serveDocument(app, "OVH API 1.0");
}
