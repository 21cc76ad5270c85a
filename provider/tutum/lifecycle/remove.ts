import type { Values } from "../../resource/field";
import { type Application, isTutumApiError } from "../client";
import type { ApplicationContext } from "./context";
import { deadlineOf } from "./converge";
import { expectOwn } from "./owner";
import { expectSameAccount } from "./read";
import { isGone } from "./states";

/**
 * GET, DELETE, wait for Terminated. Gone already is as good; a busy application is waited for first. One that a
 * creation of this run took over stays: it is the new application of a replacement that was cut short.
 */
export async function remove(context: ApplicationContext, id: string, oldOutputs: Values): Promise<void> {
  const { client } = context;
  const deadline = deadlineOf(oldOutputs, "delete") * 1000;
  context.known.add(id);
  if (context.adopted.has(id)) {
    process.stderr.write(
      `warning: application ${oldOutputs.uniqueName} (${id}) was found instead of created in this run, and stays.\n`,
    );
    return;
  }
  try {
    const application = await client.applications.get(id);
    expectOwn(application, oldOutputs, "Deleting");
    const settled = await client.settled(application, { deadline });
    if (!settled || isGone(settled.state)) return;
    await client.settled(await terminate(context, id), { deadline });
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 404) throw error;
    expectSameAccount(context, id, oldOutputs);
  }
}

/** A DELETE that was sent twice, because the first answer was lost, is refused the second time. */
async function terminate({ client }: ApplicationContext, id: string): Promise<Application> {
  try {
    return await client.applications.terminate(id);
  } catch (error) {
    if (!isTutumApiError(error) || error.status !== 400) throw error;
    const application = await client.applications.get(id);
    if (isGone(application.state)) return application;
    throw error;
  }
}
