/** Container applications on the Tutum API v1, declared from a Pulumi program. */
export { type ContainerPort, TutumApplication, type TutumApplicationArgs } from "./tutum/application";
export type { AutoPolicy, ContainerSize, PortProtocol } from "./tutum/client/types";
export type { LinkTarget } from "./tutum/links";
