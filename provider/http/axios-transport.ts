/** The one place that uses axios: no redirects, bounded answers, any status is an answer, no key in an error. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { isAxiosError } from "axios";
import { HttpFailure, type HttpTransport } from "./http-message";
import { isLoopback } from "./loopback";
import { isProxyAnswer, proxyOf } from "./proxy";

export interface AxiosTransportOptions {
  /** Where requests go. */
  baseUrl: string;
  /** Largest answer accepted, in bytes. Default: 10 MB. */
  maxResponseBytes?: number;
}

export function axiosTransport({
  baseUrl,
  maxResponseBytes = 10_000_000,
}: AxiosTransportOptions): HttpTransport {
  const target = new URL(baseUrl);
  const http = axios.create({
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    // A redirect would turn a POST into a GET, or carry bodies with secrets to another host.
    maxRedirects: 0,
    maxContentLength: maxResponseBytes,
    responseType: "text",
    // Bytes go and come as they are: others than those that were signed would be refused.
    transformRequest: data => data,
    transformResponse: data => data,
    validateStatus: () => true,
    // The key never goes to a proxy for a server on this machine.
    ...(isLoopback(target.hostname) ? { proxy: false as const } : {}),
  });

  return async (request, signal) => {
    // A server may close an idle connection just as the request leaves, and nobody knows whether it was read.
    const fresh = request.retry === "ambiguous" && {
      httpAgent: new HttpAgent(),
      httpsAgent: new HttpsAgent(),
    };
    try {
      const {
        status,
        data,
        headers,
        request: sent,
      } = await http.request<string>({
        method: request.method,
        url: request.url,
        data: request.body,
        // Without a body axios would still name a type.
        headers: { "Content-Type": false, ...request.headers },
        signal,
        ...fresh,
      });
      if (isProxyAnswer(sent, target, status)) throw refusedByProxy(status, proxyOf(sent, target));
      return { status, text: data ?? "", headers: textHeaders(headers) };
    } catch (error) {
      throw error instanceof HttpFailure ? error : failure(error, target);
    }
  };
}

function textHeaders(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
      typeof value === "string" ? [[name.toLowerCase(), value]] : [],
    ),
  );
}

/** The server has seen nothing of it. */
function refusedByProxy(status: number, proxy = "on the way"): HttpFailure {
  const why = status === 407 ? "asks for credentials" : "does not let this through";
  return new HttpFailure(`the proxy ${proxy} ${why} (status ${status})`, false, status < 500, proxy);
}

/** An AxiosError shows the key in `config` and `request`, so it never leaves this module, also not as a cause. */
function failure(error: unknown, target: URL): HttpFailure {
  const { code = "", request } = isAxiosError(error) ? error : {};
  const proxy = proxyOf(request, target);
  if (code in NOT_SENT) {
    const whose = proxy === undefined ? "" : ` by the proxy ${proxy}`;
    return new HttpFailure(`${NOT_SENT[code]}${whose} (${code})`, false, false, proxy);
  }
  if (CERTIFICATE.test(code))
    return new HttpFailure(`the TLS certificate is not accepted (${code})`, false, true);
  const what = isAxiosError(error) ? error.message : "the request could not be made";
  return new HttpFailure(code && !what.includes(code) ? `${what} (${code})` : what, true);
}

const NOT_SENT: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "host not found",
  EAI_AGAIN: "host not found",
  EHOSTUNREACH: "host not reachable",
  ENETUNREACH: "network not reachable",
};

/** What Node says of a certificate in the handshake, before anything is sent. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|ERR_TLS_CERT_)/;
