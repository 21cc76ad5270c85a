/** `GET /openapi.json`: the API's document · `GET /docs/`: a page that shows it, which needs nothing from elsewhere. */
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

const CONTENT_SECURITY = {
  "default-src": "'self'",
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data:",
  "frame-ancestors": "'none'",
};

/** To be called after the document's plugin is registered and before the routes are added. */
export function serveDocument(app: FastifyInstance, title: string): void {
  app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: CONTENT_SECURITY,
    theme: { title },
    uiConfig: { url: "/openapi.json", docExpansion: "list", tryItOutEnabled: true },
  });
  app.after(() => {
    app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
    app.get("/", { schema: { hide: true } }, async (_request, reply) => reply.redirect("/docs/"));
  });
}
