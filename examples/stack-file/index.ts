import * as pulumi from "@pulumi/pulumi";
import { ApplicationStack } from "pulumi-tutum";

const password = new pulumi.Config().requireSecret("databasePassword");

const shop = ApplicationStack.fromFile("tutum.yml", { name: "shop", variables: { DB_PASSWORD: password } });

/** State of each application of the file. */
export const states = pulumi
  .output(shop.applications)
  .apply(applications =>
    Object.fromEntries(Object.entries(applications).map(([name, { state }]) => [name, state])),
  );
