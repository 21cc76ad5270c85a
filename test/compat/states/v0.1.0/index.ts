import * as pulumi from "@pulumi/pulumi";
import { TutumApplication } from "pulumi-tutum";

const config = new pulumi.Config();
const password = config.requireSecret("databasePassword");

const db = new TutumApplication("db", {
  image: "tutum/mysql",
  containerPorts: [{ innerPort: 3306 }],
  containerEnvvars: { MYSQL_PASS: password },
});

// WordPress finds the database by the variables of its link: DB_PORT_3306_TCP_ADDR, DB_PORT_3306_TCP_PORT, …
const web = new TutumApplication("web", {
  image: "tutum/wordpress",
  containerPorts: [{ innerPort: 80 }],
  containerEnvvars: { DB_PASS: password },
  linkedToApplication: [db],
  targetNumContainers: config.getNumber("webContainers") ?? 1,
  webPublicDns: config.get("webPublicDns"),
});

const summary = (application: TutumApplication) => ({
  uniqueName: application.uniqueName,
  state: application.state,
  containers: pulumi.interpolate`${application.runningNumContainers} of ${application.targetNumContainers}`,
  publicDns: application.publicDns,
});

export const applications = { db: summary(db), web: summary(web) };
export const address = web.webPublicDns.apply(domain => domain ?? "none: set webPublicDns");
