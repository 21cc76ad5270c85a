import type { Values } from "../../resource/field";
import { type Application, isTutumApiError } from "../client";
import type { ApplicationContext } from "./context";
import { deadlineOf } from "./converge";
import { expectSameAccount } from "./read";
import { isGone } from "./states";

/** DELETE, wait for Terminated. Gone already is as good; a busy application is waited for first. */
export async function remove(context: ApplicationContext, id: string, oldOutputs: Values): Promise<void> {
  const deadline = deadlineOf(oldOutputs, "delete") * 1000;
  try {
    const terminating = await terminate(context, id, deadline);
    await context.client.settled(terminating, { deadline });
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 404) throw error;
    expectSameAccount(context, id, oldOutputs);
  }
}

async function terminate({ client }: ApplicationContext, id: string, deadline: number): Promise<Application> {
  try {
    return await client.applications.terminate(id);
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 400) throw error;
    const application = await client.applications.get(id);
    if (isGone(application.state)) return application;
    const settled = await client.settled(application, { deadline });
    return settled && !isGone(settled.state) ? client.applications.terminate(id) : application;
  }
}
