import type { Values } from "../../resource/field";
import { bodyOf } from "../../resource/outputs";
import { type Application, type ApplicationCreate, isTutumApiError } from "../client";
import type { ApplicationContext } from "./context";
import { completing, converge, deadlineOf, expectState, settle } from "./converge";
import { applicationFields, withoutAlias } from "./fields";

/** POST, wait for Running; with `running: false` stop then (the API always deploys), and wait for Stopped. */
export async function create(
  context: ApplicationContext,
  inputs: Values,
): Promise<{ id: string; outputs: Values }> {
  const application = await post(context, bodyOf(applicationFields, inputs) as unknown as ApplicationCreate);
  const run = { context, inputs, deadline: deadlineOf(inputs, "create"), application };
  const outputs = await completing(run, async () => {
    await settle(run);
    // Endpoints since June 2014 create without starting; `converge` starts those.
    if (run.application.state !== "Not running") expectState(run, "Running");
    await converge(run);
  });
  return { id: application.uuid, outputs };
}

/** An endpoint that does not know link aliases refuses their form: it gets bare URIs. Nothing was created then. */
async function post({ client }: ApplicationContext, body: ApplicationCreate): Promise<Application> {
  try {
    return await client.applications.create(body);
  } catch (error) {
    const links = body.linked_to_application ?? [];
    const refused = isTutumApiError(error) && error.status === 400;
    if (!refused || links.every(link => typeof link === "string")) throw error;
    try {
      return await client.applications.create({ ...body, linked_to_application: links.map(withoutAlias) });
    } catch (second) {
      // The links were not what it minded: the first answer is about the request as declared.
      throw isTutumApiError(second) && second.status === 400 ? error : second;
    }
  }
}
