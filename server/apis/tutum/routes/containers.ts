import type { FastifyInstance } from "fastify";
import { UNSEEN } from "../openapi/failures";
import { exactly, named, type Schema, text } from "../openapi/schema";
import { applicationState, containerState } from "../openapi/shared-schemas";
import {
  getContainer,
  listContainers,
  startOneContainer,
  stopOneContainer,
  terminateContainer,
} from "../operations/containers";
import type { Engine } from "../operations/engine";
import { containerLogs } from "../operations/logs";
import { PAGING } from "./paging";
import { resource } from "./resource";

const ROOT = "/api/v1/container/";

const FILTERS: Record<string, Schema> = {
  ...PAGING,
  name: { type: "string", description: "The application's name, or the container's unique name" },
  unique_name: text,
  uuid: text,
  uuid__startswith: text,
  state: containerState,
  application__name: text,
  application__unique_name: text,
  application__uuid: text,
  application__uuid__startswith: text,
  application__state: applicationState,
};

export function containerRoutes(app: FastifyInstance, engine: Engine): void {
  resource(app, "containers", ROOT, {
    GET: {
      summary: "List containers, also those terminated in the last five minutes",
      status: 200,
      query: FILTERS,
      answer: named("ContainerPage"),
      failures: UNSEEN,
      handle: request => listContainers(engine, request.query),
    },
  });
  resource(app, "containers", `${ROOT}:uuid/`, {
    GET: {
      summary: "Get a container",
      status: 200,
      answer: named("Container"),
      failures: UNSEEN,
      handle: request => getContainer(engine, request.params.uuid),
    },
    DELETE: {
      summary: "Terminate a container; its application scales down with it",
      status: 202,
      answer: named("Container"),
      handle: request => terminateContainer(engine, request.params.uuid),
    },
  });
  resource(app, "containers", `${ROOT}:uuid/start/`, {
    POST: {
      summary: "Start a stopped container",
      status: 202,
      answer: named("Container"),
      handle: request => startOneContainer(engine, request.params.uuid),
    },
  });
  resource(app, "containers", `${ROOT}:uuid/stop/`, {
    POST: {
      summary: "Stop a running container",
      status: 202,
      answer: named("Container"),
      handle: request => stopOneContainer(engine, request.params.uuid),
    },
  });
  resource(app, "containers", `${ROOT}:uuid/logs/`, {
    GET: {
      summary: "Get a container's logs",
      status: 200,
      answer: exactly({ logs: text }),
      handle: request => containerLogs(engine, request.params.uuid),
    },
  });
}
