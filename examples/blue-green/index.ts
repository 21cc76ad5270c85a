import * as pulumi from "@pulumi/pulumi";
import { TutumApplication } from "pulumi-tutum";

const config = new pulumi.Config();
const domain = config.get("domain") ?? "shop.example.com";
const live = config.get("live") ?? "blue";
if (live !== "blue" && live !== "green") {
  throw new pulumi.RunError(`live is ${JSON.stringify(live)}: it must be blue or green.`);
}
const idle = live === "blue" ? "green" : "blue";

const version = (colour: string, domain?: string, dependsOn?: TutumApplication) =>
  new TutumApplication(
    colour,
    {
      name: `shop-${colour}`,
      image: `tutum/hello-world:${config.get(`${colour}Version`) ?? "latest"}`,
      containerPorts: [{ innerPort: 80 }],
      targetNumContainers: config.getNumber("containers") ?? 2,
      webPublicDns: domain,
    },
    { dependsOn },
  );

// The domain is given to the new one first, and taken from the old one after that: it never points nowhere.
const serving = version(live, domain);
const waiting = version(idle, undefined, serving);

export const url = serving.webUrl;
/** Where the next version is tried out. */
export const tryout = waiting.webUrl;
