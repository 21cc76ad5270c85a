import { TutumApplication } from "pulumi-tutum";

const existing = TutumApplication.get("existing", process.env.ID ?? "");
export const { image, state, containerEnvvars, targetNumContainers } = existing;
