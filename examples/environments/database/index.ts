import * as pulumi from "@pulumi/pulumi";
import { TutumApplication } from "pulumi-tutum";

/** A secret here, and so in every stack that reads it. */
export const password = new pulumi.Config().requireSecret("password");

const db = new TutumApplication(
  "db",
  {
    image: "tutum/mysql",
    containerPorts: [{ innerPort: 3306 }],
    containerEnvvars: { MYSQL_PASS: password },
    autorestart: "ALWAYS",
  },
  // Its data would go with it. A destroy needs `pulumi state unprotect` before.
  { protect: true },
);

/** What the environments link to: the id, which stays known while the database only changes in place. */
export const database = db.id;
