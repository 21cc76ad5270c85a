/** The Tutum API v1 from TypeScript, without Pulumi. */
export type { RequestOptions } from "../../http/api";
export type { Clock } from "../../http/clock";
export type {
  HttpHeaders,
  HttpMethod,
  HttpResponse,
  HttpTransport,
  RetryClass,
  SentRequest,
} from "../../http/http-message";
export { RetryBudget } from "../../http/retry";
export { Applications } from "./applications";
export { Containers } from "./containers";
export { parseDatetime } from "./datetimes";
export {
  isTutumApiError,
  isTutumAuthError,
  isTutumConfigError,
  isTutumLookupError,
  TutumApiError,
  TutumAuthError,
  TutumConfigError,
  TutumLookupError,
} from "./errors";
export type { Slice } from "./pages";
export { isUuid, type Noun, resourceUri, uuidOf } from "./references";
export { isSettled, UnexpectedStateError, type WaitOptions, WaitTimeoutError } from "./settling";
export { TutumClient, type TutumClientOptions } from "./tutum-client";
export * from "./types";
