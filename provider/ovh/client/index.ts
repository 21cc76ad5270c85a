/** OVH's API from TypeScript, without Pulumi. */
export type { RequestOptions } from "../../http/api";
export type { ApiErrorDetails } from "../../http/api-error";
export type { Clock } from "../../http/clock";
export type {
  HttpHeaders,
  HttpResponse,
  HttpTransport,
  RetryClass,
  SentRequest,
} from "../../http/http-message";
export { RetryBudget } from "../../http/retry";
export type { OvhSettings, OvhSources } from "./configuration";
export { OVH_ENDPOINTS, type OvhEndpointName } from "./endpoints";
export { isOvhApiError, isOvhConfigError, OvhApiError, OvhConfigError, type OvhErrorKind } from "./errors";
export {
  type ConsumerKeyOptions,
  type OvhBodyOptions,
  type OvhCallOptions,
  OvhClient,
  type OvhClientOptions,
  type OvhQuery,
} from "./ovh-client";
export { type AccessRule, type OvhMethod, rules } from "./rules";
export type { ConsumerKeyRequest, Credential, OvhApplication } from "./types";
