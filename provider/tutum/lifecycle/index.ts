/**
 * The provider of `TutumApplication`: what its constant `__provider` text loads in the provider process.
 *
 * check, diff, preview: nothing asked
 * create POST, then waits       read    GET
 * update GET, PATCH, start/stop delete  DELETE, then waits
 */
import { dynamicProvider } from "../../resource/dynamic/dynamic-provider";
import type { Lifecycle } from "../../resource/lifecycle/lifecycle";
import { check } from "./check";
import { type ApplicationContext, openSession, type SessionPorts } from "./context";
import { create } from "./create";
import { diff } from "./diff";
import { preview } from "./preview";
import { read } from "./read";
import { remove } from "./remove";
import { toldAsInStack } from "./told-in-stack";
import { update } from "./update";

export function applicationLifecycle(ports: SessionPorts = {}): Lifecycle<ApplicationContext> {
  return {
    open: (config, onEnd) => openSession(config, ports, onEnd),
    check,
    diff,
    preview,
    create: toldAsInStack("current", create),
    read: toldAsInStack("earlier", read),
    update: toldAsInStack("current", update),
    remove: toldAsInStack("earlier", remove),
  };
}

export const application = dynamicProvider(applicationLifecycle());
