import type { HttpHeaders, HttpRequest, Query, SentRequest } from "./http-message";

/** The URL and the bytes of the body, made once: every attempt sends the same, and a signature of them holds. */
export function sentRequest(baseUrl: string, request: HttpRequest, headers: HttpHeaders): SentRequest {
  const { method, path, query = {}, retry } = request;
  const [type, body] = bodyOf(request);
  const search = encoded(query);
  const address = baseUrl + path;
  const separator = address.includes("?") ? "&" : "?";
  return {
    method,
    url: new URL(search === "" ? address : address + separator + search).href,
    ...(body !== undefined && { body }),
    headers: { ...headers, ...(body !== undefined && { "Content-Type": type }), ...request.headers },
    retry,
  };
}

function bodyOf({ body, form }: HttpRequest): [type: string, body: string | undefined] {
  if (form) return ["application/x-www-form-urlencoded", encoded(form)];
  return ["application/json", body === undefined ? undefined : JSON.stringify(body)];
}

function encoded(values: Query): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return new URLSearchParams(given).toString();
}
