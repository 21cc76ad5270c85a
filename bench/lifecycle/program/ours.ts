import { TutumApplication } from "pulumi-tutum";
import { declarations } from "./declarations";

const made: Record<string, TutumApplication> = {};
for (const { name, image, containers, port, environment, links } of declarations) {
  made[name] = new TutumApplication(name, {
    image,
    targetNumContainers: containers,
    containerPorts: [{ innerPort: port }],
    containerEnvvars: environment,
    linkedToApplication: links.flatMap(link => made[link] ?? []),
  });
}
