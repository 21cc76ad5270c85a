import type * as pulumi from "@pulumi/pulumi";
import {
  ApplicationStack,
  getApplicationOutput,
  getApplications,
  getContainerLogsOutput,
  getContainersOutput,
  TutumApplication,
} from "../../provider";
import { runProgram } from "../../provider/testing";

/** Checked by `npm run check`: what must not compile does not. */
export function types(): void {
  const stack = new ApplicationStack("shop", {
    applications: { db: { image: "tutum/mysql" }, web: { image: "a/b", links: ["db"] } },
  });
  void stack.applications.web.publicDns;
  // @ts-expect-error there is no such application
  void stack.applications.wbe;
  new ApplicationStack("shop", {
    // @ts-expect-error a link to a name that is not there
    applications: { db: { image: "tutum/mysql" }, web: { image: "a/b", links: ["bd"] } },
  });
  new ApplicationStack("shop", {
    // @ts-expect-error the same with an alias
    applications: { db: { image: "tutum/mysql" }, web: { image: "a/b", links: [{ application: "bd" }] } },
  });
  new ApplicationStack("shop", {
    // @ts-expect-error a dependency on a name that is not there
    applications: { db: { image: "tutum/mysql" }, web: { image: "a/b", dependsOn: ["bd"] } },
  });
  // @ts-expect-error defaults for all cannot name one of them
  new ApplicationStack("shop", { defaults: { name: "web" }, applications: { db: { image: "a/b" } } });
  // @ts-expect-error a way to take unsupported keys that does not exist
  ApplicationStack.fromFile("tutum.yml", { unsupported: "ignore" });
  // @ts-expect-error an application needs an image
  new ApplicationStack("shop", { applications: { db: {} } });
  // @ts-expect-error a size that does not exist
  new TutumApplication("db", { image: "a/b", containerSize: "XXL" });
  // @ts-expect-error an argument that does not exist
  new TutumApplication("db", { image: "a/b", replicas: 2 });
  // @ts-expect-error variables are strings
  new TutumApplication("db", { image: "a/b", containerEnvvars: { PORT: 80 } });
  const names: string[] = ["db"];
  const byName: Record<string, { image: string; links?: string[] }> = Object.fromEntries(
    names.map(name => [name, { image: "a/b" }]),
  );
  new ApplicationStack("shop", { applications: byName });
  void lookUps(stack.applications.web);
}

async function lookUps(web: TutumApplication): Promise<void> {
  const [found] = await getApplications({ uniqueName: "web", state: "Running" });
  const count: number | undefined = found?.targetNumContainers;
  void count;
  // @ts-expect-error what may be secret is not in a plain result
  void found?.containerEnvvars;
  // @ts-expect-error a filter that the API does not have
  void getApplications({ image: "a/b" });
  const running: pulumi.Output<boolean> = getContainersOutput({ applicationUuid: web.id }).apply(all =>
    all.every(({ state }) => state === "Running"),
  );
  void running;
  // @ts-expect-error the application to look up is not optional
  void getApplicationOutput({});
  // @ts-expect-error logs are a text
  const logs: pulumi.Output<string[]> = getContainerLogsOutput({ container: "web-1" });
  void logs;
  const { applications } = await runProgram(() => undefined);
  // @ts-expect-error an output that applications do not have
  void applications.web?.dns;
}
