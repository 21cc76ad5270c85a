import * as pulumi from "@pulumi/pulumi";
import { ApplicationStack, type ContainerSize } from "pulumi-tutum";

// What differs between the environments is in Pulumi.dev.yaml, Pulumi.staging.yaml and Pulumi.prod.yaml.
const config = new pulumi.Config();
const environment = pulumi.getStack();

const shared = new pulumi.StackReference(`${pulumi.getOrganization()}/environments-database/shared`);

const shop = new ApplicationStack("shop", {
  defaults: {
    containerSize: (config.get("containerSize") ?? "XS") as ContainerSize,
    autorestart: config.getBoolean("restarts") ? "ALWAYS" : "OFF",
  },
  applications: {
    cache: {
      image: "tutum/memcached",
      name: `cache-${environment}`,
      containerPorts: [{ innerPort: 11211 }],
    },
    web: {
      image: `tutum/wordpress-stackable:${config.get("version") ?? "latest"}`,
      name: `web-${environment}`,
      containerPorts: [{ innerPort: 80 }],
      containerEnvvars: {
        DB_NAME: `shop_${environment}`,
        DB_PASS: shared.requireOutput("password"),
      },
      // The names are the prefixes of the link variables: DB_PORT_3306_TCP_ADDR, CACHE_PORT_11211_TCP_ADDR, …
      links: [{ application: "cache", name: "cache" }],
      linkedToApplication: [{ application: shared.requireOutput("database"), name: "db" }],
      targetNumContainers: config.getNumber("webContainers") ?? 1,
      webPublicDns: config.get("webPublicDns"),
    },
  },
});

export const url = shop.applications.web.webUrl;
