import * as pulumi from "@pulumi/pulumi";
import {
  getApplication,
  getApplicationOutput,
  getApplications,
  getApplicationsOutput,
  getContainerLogs,
  getContainerLogsOutput,
  getContainers,
  getContainersOutput,
  TutumApplication,
} from "pulumi-tutum";

/** The arguments of each look-up, from the test. */
const { applications = [], containers = [] } = JSON.parse(process.env.LOOKUPS ?? "{}") as {
  applications?: object[];
  containers?: object[];
};
const names = (found: { uniqueName: string }[]) => found.map(({ uniqueName }) => uniqueName).sort();

const web = new TutumApplication("web", {
  image: "tutum/hello-world",
  containerPorts: [{ innerPort: 80 }],
  containerEnvvars: { PASSWORD: new pulumi.Config().requireSecret("password") },
  targetNumContainers: Number(process.env.CONTAINERS ?? 1),
});

/** Plain look-ups are answered wherever the program runs, in previews too. */
async function lookedUp() {
  const seed = await getApplication({ application: process.env.APPLICATION ?? "seed" });
  const [anApplication = {}, aContainer = {}] = [(await getApplications())[0], (await getContainers())[0]];
  const found = {
    application: { uuid: seed.uuid, imageName: seed.imageName, containerPorts: seed.containerPorts },
    fields: [seed, anApplication, aContainer].map(Object.keys),
    applications: await Promise.all(applications.map(async filters => names(await getApplications(filters)))),
    containers: await Promise.all(containers.map(async filters => names(await getContainers(filters)))),
    logs: (await getContainerLogs({ container: "seed-1" })).length > 0,
  };
  pulumi.log.info(`plain ${JSON.stringify(found)}`);
  return found;
}

export const plain = lookedUp();
export const twins = {
  application: getApplicationOutput({ application: "seed" }).uniqueName,
  applications: applications.map(filters => getApplicationsOutput(filters).apply(names)),
  containers: containers.map(filters => getContainersOutput(filters).apply(names)),
  logs: getContainerLogsOutput({ container: "seed-1" }),
};
export const ofWeb = {
  found: getApplicationOutput({ application: web.id }).uniqueName,
  containers: web.containers().apply(names),
  logs: web.logs(),
  linkVariables: web.linkVariables(),
  url: web.webUrl,
};
ofWeb.containers.apply(found => pulumi.log.info(`containers of web: ${found}`));
