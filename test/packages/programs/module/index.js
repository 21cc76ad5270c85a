import { createRequire } from "node:module";
import { TutumApplication } from "pulumi-tutum";

const db = new TutumApplication("db", { image: "tutum/mysql" });
new TutumApplication("web", {
  image: "tutum/wordpress",
  targetNumContainers: Number(process.env.CONTAINERS),
  linkedToApplication: [db],
});

export const { version } = createRequire(import.meta.url)("pulumi-tutum/package.json");
