import * as pulumi from "@pulumi/pulumi";
import { TutumApplication } from "pulumi-tutum";

const config = new pulumi.Config();
const password = process.env.PLAIN_PASSWORD ?? config.requireSecret("password");

const web = new TutumApplication("web", {
  image: process.env.IMAGE ?? "tutum/hello-world",
  containerEnvvars: { MODE: config.get("mode") ?? "shown-to-everyone", PASSWORD: password },
});
export const { containerEnvvars } = web;
