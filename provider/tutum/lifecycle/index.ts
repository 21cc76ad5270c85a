/**
 * The provider of `TutumApplication`: what its constant `__provider` text loads in the provider process.
 *
 * check  nothing asked          diff    nothing asked
 * create POST, then waits       read    GET
 * update GET, PATCH, start/stop delete  DELETE, then waits
 */
import { dynamicProvider } from "../../resource/dynamic-provider";
import type { Lifecycle } from "../../resource/lifecycle";
import { check } from "./check";
import { type ApplicationContext, openSession } from "./context";
import { create } from "./create";
import { diff } from "./diff";
import { read } from "./read";
import { remove } from "./remove";
import { update } from "./update";

const applicationLifecycle: Lifecycle<ApplicationContext> = {
  open: config => openSession(config),
  check,
  diff,
  create,
  read,
  update,
  remove,
};

export const application = dynamicProvider(applicationLifecycle);
