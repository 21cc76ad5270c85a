/** The Tutum API v1 from TypeScript, without Pulumi. */
export { Applications } from "./applications";
export { Containers } from "./containers";
export {
  isTutumApiError,
  isTutumAuthError,
  isTutumConfigError,
  TutumApiError,
  type TutumAuthError,
  TutumConfigError,
} from "./errors";
export { isTutumLookupError, TutumLookupError } from "./find";
export type { Slice } from "./pages";
export { isUuid, resourceUri, uuidOf } from "./references";
export { isSettled, type SettledOptions, SettlingPoller, WaitTimeoutError } from "./settling";
export type { RequestOptions } from "./transport";
export { TutumClient, type TutumClientOptions } from "./tutum-client";
export * from "./types";
