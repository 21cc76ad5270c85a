import type { FastifyInstance } from "fastify";
import { IDEMPOTENCY_KEY as IDEMPOTENCY } from "../model/patterns";
import { redeploy } from "../openapi/application-schemas";
import { UNSEEN } from "../openapi/failures";
import { exactly, matching, named, type Schema, text } from "../openapi/schema";
import { applicationState } from "../openapi/shared-schemas";
import {
  createApplication,
  getApplication,
  listApplications,
  redeployApplication,
  startApplication,
  stopApplication,
  terminateApplication,
  updateApplication,
} from "../operations/applications";
import type { Engine } from "../operations/engine";
import { applicationLogs } from "../operations/logs";
import { PAGING } from "./paging";
import { resource } from "./resource";

const ROOT = "/api/v1/application/";

const FILTERS: Record<string, Schema> = {
  ...PAGING,
  name: text,
  unique_name: text,
  uuid: text,
  uuid__startswith: text,
  state: applicationState,
};

const IDEMPOTENCY_KEY = {
  "Idempotency-Key": matching(
    IDEMPOTENCY,
    "For a day, the same key and body get the first answer again, and nothing more is created",
  ),
};

export function applicationRoutes(app: FastifyInstance, engine: Engine): void {
  resource(app, "applications", ROOT, {
    GET: {
      summary: "List applications, also those terminated in the last five minutes",
      status: 200,
      query: FILTERS,
      answer: named("ApplicationPage"),
      failures: UNSEEN,
      handle: request => listApplications(engine, request.query),
    },
    POST: {
      summary: "Create and deploy an application",
      status: 202,
      headers: IDEMPOTENCY_KEY,
      body: named("ApplicationCreate"),
      answer: named("Application"),
      failures: { 409: named("Error", "The Idempotency-Key was used with another body") },
      handle: ({ body, headers }) => createApplication(engine, body, headers["idempotency-key"]?.toString()),
    },
  });
  resource(app, "applications", `${ROOT}:uuid/`, {
    GET: {
      summary: "Get an application",
      status: 200,
      answer: named("Application"),
      failures: UNSEEN,
      handle: request => getApplication(engine, request.params.uuid),
    },
    PATCH: {
      summary: "Scale an application, or change its DNS name or policies",
      status: 202,
      body: named("ApplicationUpdate"),
      answer: named("Application"),
      handle: request => updateApplication(engine, request.params.uuid, request.body),
    },
    DELETE: {
      summary: "Terminate an application and its containers",
      status: 202,
      answer: named("Application"),
      handle: request => terminateApplication(engine, request.params.uuid),
    },
  });
  resource(app, "applications", `${ROOT}:uuid/start/`, {
    POST: {
      summary: "Start a stopped application",
      status: 202,
      answer: named("Application"),
      handle: request => startApplication(engine, request.params.uuid),
    },
  });
  resource(app, "applications", `${ROOT}:uuid/stop/`, {
    POST: {
      summary: "Stop a running application",
      status: 202,
      answer: named("Application"),
      handle: request => stopApplication(engine, request.params.uuid),
    },
  });
  resource(app, "applications", `${ROOT}:uuid/redeploy/`, {
    POST: {
      summary: "Launch all containers anew, with the same or another tag; their data is lost",
      status: 202,
      body: redeploy,
      answer: named("Application"),
      handle: request => redeployApplication(engine, request.params.uuid, request.body),
    },
  });
  resource(app, "applications", `${ROOT}:uuid/logs/`, {
    GET: {
      summary: "Get the logs of all containers of an application",
      status: 200,
      answer: exactly({ logs: text }),
      handle: request => applicationLogs(engine, request.params.uuid),
    },
  });
}
