/** The Tutum API v1 from TypeScript, without Pulumi. */
export { Applications, type RequestOptions, resourceUri, uuidOf } from "./applications";
export { isTutumApiError, isTutumConfigError, TutumApiError, TutumConfigError } from "./errors";
export { isSettled, type SettledOptions, SettlingPoller, WaitTimeoutError } from "./settling";
export { TutumClient, type TutumClientOptions } from "./tutum-client";
export * from "./types";
