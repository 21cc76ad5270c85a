import {
  HttpFailure,
  type HttpHeaders,
  type HttpResponse,
  type HttpTransport,
  type SentRequest,
} from "./http-message";

/** How requests prove who sends them. What it asks a server itself goes by another client than the one it serves. */
export interface Authorization {
  /**
   * Headers for one attempt, asked for before each: signatures go by the time. `request` is what is sent, byte for
   * byte, but for these headers.
   */
  authorize(request: SentRequest, signal: AbortSignal): HttpHeaders | Promise<HttpHeaders>;
  /**
   * Whether a response (of a status from 400 to 499) is a refusal that headers made anew get around: a token was
   * renewed, a clock corrected. Such a request was not carried out, and is sent once more. Default: none is.
   * `headers` are those that `authorize` made for it: of many requests that are refused for one reason, the first renews.
   */
  renew?(response: HttpResponse, signal: AbortSignal, headers: HttpHeaders): boolean | Promise<boolean>;
}

/** The transport for the attempts of one call. */
export function authorized(transport: HttpTransport, authorization: Authorization): HttpTransport {
  let renewed = false;
  return async (request, signal) => {
    let headers: HttpHeaders = {};
    const send = async () => {
      headers = await beforehand(() => authorization.authorize(request, signal));
      return transport({ ...request, headers: { ...request.headers, ...headers } }, signal);
    };
    const response = await send();
    if (renewed || response.status < 400 || response.status > 499) return response;
    const again = await beforehand(() => authorization.renew?.(response, signal, headers) ?? false);
    renewed = again;
    return again ? send() : response;
  };
}

/** What fails before the request leaves, or after it was refused, leaves no doubt about it. */
async function beforehand<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    throw new HttpFailure(error.message, false, error.permanent, error.proxy);
  }
}
