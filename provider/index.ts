/** Container applications on the Tutum API v1, declared from a Pulumi program. */
export { type ContainerPort, TutumApplication, type TutumApplicationArgs } from "./tutum/application";
export { ApplicationStack, type StackFromFileArgs } from "./tutum/application-stack";
export type { AutoPolicy, ContainerSize, PortProtocol } from "./tutum/client/types";
export type { LinkedApplication, LinkTarget } from "./tutum/links";
export {
  type GetApplicationArgs,
  type GetApplicationResult,
  type GetApplicationsArgs,
  type GetApplicationsResult,
  type GetContainerLogsArgs,
  type GetContainersArgs,
  type GetContainersResult,
  getApplication,
  getApplicationOutput,
  getApplications,
  getApplicationsOutput,
  getContainerLogs,
  getContainerLogsOutput,
  getContainers,
  getContainersOutput,
} from "./tutum/lookups";
export type {
  ApplicationStackArgs,
  StackApplicationArgs,
  StackDefaults,
  StackLink,
} from "./tutum/stack-arguments";
export {
  type Problem,
  problemText,
  readStackFile,
  type StackFile,
  StackFileError,
  type StackFileOptions,
} from "./tutum/stack-file";
