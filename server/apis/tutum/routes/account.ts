/** Who one is, and what one may do: `auth/` tells the API key to who has the password; `role/` has one role. */
import type { FastifyInstance } from "fastify";
import { type Accounts, AUTH_PATH } from "../accounts";
import { role } from "../openapi/image-schemas";
import { exactly, text } from "../openapi/schema";
import { pageOf } from "../openapi/shared-schemas";
import { checkParameters, page } from "../operations/lists";
import { PAGING_PARAMETERS } from "../operations/parameters";
import { PAGING } from "./paging";
import { resource } from "./resource";

const ROLE = { label: "Full access", resource_uri: "/api/v1/role/global/", scope: "global" };

export function accountRoutes(app: FastifyInstance, { user, apikey }: Accounts): void {
  resource(app, "account", AUTH_PATH, {
    GET: {
      summary: "The API key, for user and password (`tutum login`)",
      status: 200,
      security: [{ basic: [] }],
      answer: exactly({ objects: { type: "array", items: exactly({ username: text, key: text }) } }),
      handle: () => ({ objects: [{ username: user, key: apikey }] }),
    },
  });
  resource(app, "account", "/api/v1/role/", {
    GET: {
      summary: "List the roles an application can have",
      status: 200,
      query: PAGING,
      answer: pageOf("Role"),
      handle: request => {
        checkParameters(request.query, PAGING_PARAMETERS);
        return page("/api/v1/role/", request.query, [ROLE], shown => shown);
      },
    },
  });
  resource(app, "account", "/api/v1/role/global/", {
    GET: { summary: "Get the role", status: 200, answer: role, handle: () => ROLE },
  });
}
