import type { FastifyInstance } from "fastify";
import { resource } from "../http/resource";
import {
  containerLogs,
  getContainer,
  listContainers,
  startOneContainer,
  stopOneContainer,
  terminateContainer,
} from "../operations/containers";
import type { Engine } from "../operations/engine";
import type { Query } from "../operations/lists";

export function containerRoutes(app: FastifyInstance, engine: Engine): void {
  const root = "/api/v1/container/";
  resource(app, root, {
    GET: [200, request => listContainers(engine, request.query as Query)],
  });
  resource(app, `${root}:uuid/`, {
    GET: [200, request => getContainer(engine, request.params.uuid)],
    DELETE: [202, request => terminateContainer(engine, request.params.uuid)],
  });
  resource(app, `${root}:uuid/start/`, {
    POST: [202, request => startOneContainer(engine, request.params.uuid)],
  });
  resource(app, `${root}:uuid/stop/`, {
    POST: [202, request => stopOneContainer(engine, request.params.uuid)],
  });
  resource(app, `${root}:uuid/logs/`, {
    GET: [200, request => containerLogs(engine, request.params.uuid)],
  });
}
