import * as pulumi from "@pulumi/pulumi";
import { TutumApplication } from "pulumi-tutum";

const config = new pulumi.Config();

const hello = new TutumApplication("hello", {
  image: "tutum/hello-world",
  targetNumContainers: config.getNumber("containers") ?? 1,
  containerPorts: [{ innerPort: 80 }],
  autorestart: "ALWAYS",
});

export const url = hello.webUrl;
export const state = hello.state;
