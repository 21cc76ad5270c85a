import { declarations } from "../declarations";
import { Application } from "./application";

const made: Record<string, Application> = {};
for (const { name, image, containers, port, environment, links } of declarations) {
  made[name] = new Application(name, {
    name,
    image,
    targetNumContainers: containers,
    containerPorts: [{ protocol: "tcp", innerPort: port }],
    containerEnvvars: environment,
    linkedToApplication: links.flatMap(link => made[link]?.resourceUri ?? []),
  });
}
