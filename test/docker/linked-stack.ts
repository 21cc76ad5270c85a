/** A stack of two linked applications on a server with real containers; `web` fetches from `db` what it shows at `/db`. */
import type { Application, Page } from "../../provider/tutum/client";
import { Stack } from "../engine/stack";
import { atEnd } from "../server/harness";
import type { Container, client } from "./docker-server";
import { PROBE_IMAGE } from "./engines";

const WEB_COMMAND =
  "sh -c 'wget -q -O /www/db http://$DB_PORT_80_TCP_ADDR:$DB_PORT_80_TCP_PORT/; exec serve'";

/** Its folder is gone at the end of the test. */
export async function linkedStack(
  url: string,
  { user, apikey }: { user: string; apikey: string },
  server: ReturnType<typeof client>,
) {
  const stack = await Stack.create("test/engine/programs/declared");
  atEnd(() => stack.dispose());
  stack.env.TUTUM_BASE_URL = `${url}/api/v1/`;
  stack.env.TUTUM_AUTH = `ApiKey ${user}:${apikey}`;
  return {
    stack,
    /** Arguments on top of those above, for the next run. */
    declare(web: object, db: object = {}): void {
      stack.env.DECLARATIONS = JSON.stringify([
        { name: "db", args: { image: PROBE_IMAGE, ...db } },
        { name: "web", args: { image: PROBE_IMAGE, runCommand: WEB_COMMAND, ...web }, links: ["db"] },
      ]);
    },
    /** Its steps, as in `update web`. */
    async up(): Promise<string[]> {
      const run = await stack.up();
      if (run.code !== 0) throw new Error(run.output);
      return run.steps;
    },
    /** Of the application with this name that runs. */
    async containersOf(name: string): Promise<Container[]> {
      const { objects } = await server.get<Page<Application>>("/api/v1/application/?state=Running");
      const found = objects.find(each => each.name === name) as Application;
      const { containers } = await server.get(found.resource_uri);
      return Promise.all(containers.map(uri => server.get<Container>(uri)));
    },
  };
}
