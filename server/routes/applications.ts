import type { FastifyInstance } from "fastify";
import { resource } from "../http/resource";
import {
  applicationLogs,
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
import type { Query } from "../operations/lists";

export function applicationRoutes(app: FastifyInstance, engine: Engine): void {
  const root = "/api/v1/application/";
  resource(app, root, {
    GET: [200, request => listApplications(engine, request.query as Query)],
    POST: [202, request => createApplication(engine, request.body)],
  });
  resource(app, `${root}:uuid/`, {
    GET: [200, request => getApplication(engine, request.params.uuid)],
    PATCH: [202, request => updateApplication(engine, request.params.uuid, request.body)],
    DELETE: [202, request => terminateApplication(engine, request.params.uuid)],
  });
  resource(app, `${root}:uuid/start/`, {
    POST: [202, request => startApplication(engine, request.params.uuid)],
  });
  resource(app, `${root}:uuid/stop/`, {
    POST: [202, request => stopApplication(engine, request.params.uuid)],
  });
  resource(app, `${root}:uuid/redeploy/`, {
    POST: [202, request => redeployApplication(engine, request.params.uuid, request.body)],
  });
  resource(app, `${root}:uuid/logs/`, {
    GET: [200, request => applicationLogs(engine, request.params.uuid)],
  });
}
