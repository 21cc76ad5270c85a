/** The errors of the client. All are recognised by a guard: `instanceof` breaks between two copies of a package. */
import { ApiError, type ApiErrorDetails } from "../../http/api-error";
import { isRecord } from "../../http/json";

/** What an error means, whatever its status and words. */
export type OvhErrorKind =
  /** The consumer key has no rule for this method and path. */
  | "notGranted"
  /** The call was not signed, or its token is not accepted, or none could be had. */
  | "unauthenticated"
  /** The server does not know the consumer key, or it is another application's. */
  | "unknownKey"
  /** The consumer key is not validated yet, was refused, has expired or was logged out. */
  | "invalidKey"
  /** The server does not know the application key. */
  | "invalidApplication"
  /** Refused for another reason, such as the address that the request came from. */
  | "forbidden"
  /** The time of the signature is not the server's. */
  | "clock"
  /** The signature is not what the server makes of the request. */
  | "signature"
  | "notFound"
  | "badRequest"
  | "conflict"
  /** The service itself has expired (status 460). */
  | "expired"
  /** Too many requests (status 429). */
  | "throttled"
  /** A failure of the server (status 500 and above). */
  | "server"
  /** No complete answer came. */
  | "unreachable"
  /** Anything else, such as a redirect, or an answer that is not JSON. */
  | "unexpected";

/** The server answered with an error, gave an answer that makes no sense, or could not be reached. */
export class OvhApiError extends ApiError {
  override readonly name = "OvhApiError";
  readonly kind: OvhErrorKind;
  /** `NOT_GRANTED_CALL`; newer parts of the API have none. */
  readonly errorCode: string | undefined;
  /** `Client::NotFound`; older parts of the API have none. */
  readonly class: string | undefined;
  /** The server's id of the request, for OVH's support. */
  readonly queryId: string | undefined;

  constructor(details: ApiErrorDetails & { kind: OvhErrorKind; errorCode?: string; class?: string }) {
    super(details);
    this.kind = details.kind;
    this.errorCode = details.errorCode;
    this.class = details.class;
    this.queryId = details.requestId;
  }
}

/** Whether it is one of the client's, and of this kind if one is named. */
export function isOvhApiError(error: unknown, kind?: OvhErrorKind): error is OvhApiError {
  if (!(error instanceof Error) || error.name !== "OvhApiError") return false;
  return kind === undefined || ("kind" in error && error.kind === kind);
}

/** Endpoint or keys are missing or unusable. The message says where was looked and what to set. */
export class OvhConfigError extends Error {
  override readonly name = "OvhConfigError";

  constructor(
    message: string,
    /** What is missing altogether, if anything. */
    readonly missing?: "endpoint" | "application" | "consumerKey",
  ) {
    super(message);
  }
}

export function isOvhConfigError(error: unknown): error is OvhConfigError {
  return error instanceof Error && error.name === "OvhConfigError";
}

/** By the code, where there is one: what the server means does not depend on its words. */
const BY_CODE: Readonly<Record<string, OvhErrorKind>> = {
  NOT_GRANTED_CALL: "notGranted",
  NOT_CREDENTIAL: "unknownKey",
  INVALID_KEY: "invalidApplication",
  INVALID_CREDENTIAL: "invalidKey",
  FORBIDDEN: "forbidden",
  QUERY_TIME_OUT: "clock",
  INVALID_SIGNATURE: "signature",
};

/** Answers without a code, or with one that is not known, are told apart by their words. */
const BY_WORDS: readonly (readonly [RegExp, OvhErrorKind])[] = [
  [/not been granted/i, "notGranted"],
  [/credential does not exist/i, "unknownKey"],
  [/credential is not valid/i, "invalidKey"],
  [/application key is invalid|invalid application key/i, "invalidApplication"],
  [/query out of time/i, "clock"],
  [/invalid signature/i, "signature"],
];

const BY_STATUS: Readonly<Record<number, OvhErrorKind>> = {
  400: "badRequest",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  429: "throttled",
  460: "expired",
};

/** `status` is undefined when no complete answer came. */
export function kindOf(status: number | undefined, body: unknown): OvhErrorKind {
  if (status === undefined) return "unreachable";
  // With the code of a key that is not known: there is none.
  if (status === 401) return "unauthenticated";
  const { errorCode = "", message = "" } = wordsOf(body);
  const byCode = Object.hasOwn(BY_CODE, errorCode) ? BY_CODE[errorCode] : undefined;
  const byWords =
    status === 400 || status === 403 ? BY_WORDS.find(([words]) => words.test(message))?.[1] : undefined;
  return byCode ?? byWords ?? BY_STATUS[status] ?? (status >= 500 ? "server" : "unexpected");
}

/** What an error's body says. A code or a class that does not look like one is none: it may hold anything. */
export function wordsOf(body: unknown): { errorCode?: string; class?: string; message?: string } {
  if (!isRecord(body)) return {};
  const { errorCode, class: name, message } = body;
  return {
    ...(isText(errorCode, /^[A-Z]+(_[A-Z]+)*$/) && { errorCode }),
    ...(isText(name, /^[A-Z][a-z]+(::[A-Z][A-Za-z]*)*$/) && { class: name }),
    ...(isText(message) && { message }),
  };
}

function isText(value: unknown, form = /./): value is string {
  return typeof value === "string" && form.test(value);
}
