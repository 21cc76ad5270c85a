import { inspect } from "node:util";
import { HttpFailure } from "../../../provider/http/http-message";
import { RetryBudget } from "../../../provider/http/retry";
import { isOvhApiError, type OvhApiError, OvhClient } from "../../../provider/ovh/client";
import { kindOf } from "../../../provider/ovh/client/errors";
import { scriptedTransport } from "../../http/made-up-api";
import { KEYS } from "./made-up-ovh";

describe("what an error means", () => {
  test.each([
    // The pairs of python-ovh's test.
    [404, undefined, "notFound"],
    [403, "NOT_GRANTED_CALL", "notGranted"],
    [403, "NOT_CREDENTIAL", "unknownKey"],
    [403, "INVALID_KEY", "invalidApplication"],
    [403, "INVALID_CREDENTIAL", "invalidKey"],
    [403, "FORBIDDEN", "forbidden"],
    [400, undefined, "badRequest"],
    [409, undefined, "conflict"],
    [460, undefined, "expired"],
    [undefined, undefined, "unreachable"],
    [99, undefined, "unexpected"],
    [306, undefined, "unexpected"],
    // What python-ovh takes for bad parameters.
    [400, "QUERY_TIME_OUT", "clock"],
    [400, "INVALID_SIGNATURE", "signature"],
    [401, "NOT_CREDENTIAL", "unauthenticated"],
    [403, undefined, "forbidden"],
    [403, "toString", "forbidden"],
    [404, "INVALID_URL", "notFound"],
    [429, undefined, "throttled"],
    [500, undefined, "server"],
    [503, undefined, "server"],
  ] as const)("status %p with code %p is %s", (status, errorCode, kind) => {
    expect(kindOf(status, errorCode === undefined ? null : { errorCode })).toBe(kind);
  });

  test.each([
    [403, "This call has not been granted", "notGranted"],
    [403, "This credential does not exist", "unknownKey"],
    [403, "This credential is not valid", "invalidKey"],
    [403, "This application key is invalid", "invalidApplication"],
    [403, "Invalid application key", "invalidApplication"],
    [400, "Query out of time", "clock"],
    [400, "Invalid signature", "signature"],
    [404, "This call has not been granted", "notFound"],
  ] as const)("status %d without a code, %p, is %s", (status, message, kind) => {
    expect(kindOf(status, { message, class: "Client::Forbidden" })).toBe(kind);
  });
});

async function failure(answer: { status: number; body?: unknown; text?: string }): Promise<OvhApiError> {
  const { transport } = scriptedTransport(
    { status: 200, text: "1457018875" },
    {
      status: answer.status,
      text: answer.text ?? JSON.stringify(answer.body),
      headers: { "x-ovh-queryid": "FR.ws-8.5860f657.4632.0180" },
    },
  );
  const client = new OvhClient({
    ...KEYS,
    endpoint: "ovh-eu",
    env: {},
    transport,
    random: () => 0,
    retryBudget: new RetryBudget(),
  });
  const error = await client.put("/domain/zone/example.org?x=1", { a: 1 }).catch((thrown: unknown) => thrown);
  if (!isOvhApiError(error)) throw error;
  return error;
}

const of = (errorCode: string, message: string) => ({
  class: "Client::Forbidden",
  errorCode,
  httpCode: "403 Forbidden",
  message,
});

describe("an error", () => {
  test("has status, code, class, query id, method and path, and is known by its guards", async () => {
    const error = await failure({
      status: 404,
      body: { class: "Client::NotFound::Service", message: "This service does not exist" },
    });
    expect({ ...error }).toEqual({
      name: "OvhApiError",
      kind: "notFound",
      status: 404,
      errorCode: undefined,
      class: "Client::NotFound::Service",
      queryId: "FR.ws-8.5860f657.4632.0180",
      requestId: "FR.ws-8.5860f657.4632.0180",
      method: "PUT",
      path: "/domain/zone/example.org",
      serverMessage: "This service does not exist",
      ambiguous: false,
    });
    expect(error.message).toBe(
      "PUT /domain/zone/example.org failed: the server answered status 404: This service does not exist " +
        "(PUT https://eu.api.ovh.com/1.0/domain/zone/example.org?x=1). Request id: FR.ws-8.5860f657.4632.0180.",
    );
    expect([
      isOvhApiError(error),
      isOvhApiError(error, "notFound"),
      isOvhApiError(error, "conflict"),
    ]).toEqual([true, true, false]);
    expect([isOvhApiError(new Error("x")), isOvhApiError(undefined)]).toEqual([false, false]);
  });

  test.each([
    [
      403,
      of("NOT_GRANTED_CALL", "This call has not been granted"),
      "PUT /domain/zone/example.org failed: no rule of this consumer key allows PUT /domain/zone/example.org. Request a key with " +
        "that rule, as `npx --no-install pulumi-tutum ovh login` does with `--allow PUT:/domain/zone/example.org` beside the rules that it has. " +
        "The server says (status 403): This call has not been granted. Request id: FR.ws-8.5860f657.4632.0180.",
    ],
    [
      403,
      of("INVALID_CREDENTIAL", "This credential is not valid"),
      /is not validated yet, was refused, has expired or was logged out\. Validate it in the browser, or request a new one: `npx --no-install pulumi-tutum ovh login`\./,
    ],
    [
      403,
      of("NOT_CREDENTIAL", "This credential does not exist"),
      /does not know this consumer key, or not with this application key/,
    ],
    [
      403,
      of("INVALID_KEY", "This application key is invalid"),
      /does not know this application key\. Check it, and the endpoint/,
    ],
    [
      400,
      of("INVALID_SIGNATURE", "Invalid signature"),
      /Either the application secret is not that of the application key, or a field of the body has the wrong type/,
    ],
    [
      400,
      of("QUERY_TIME_OUT", "Query out of time"),
      /the signature's time is not the server's, also after its clock was asked again/,
    ],
    [401, of("NOT_CREDENTIAL", "You must login first"), /has to be signed: leave out `auth: false`/],
    [
      460,
      { message: "example.org is expired" },
      /The service has expired|the service has expired\. Renew it at OVH\. The server says \(status 460\): example\.org is expired\./,
    ],
    [
      403,
      { message: "no", details: { unauthorizedActionsByIAM: "domain:apiovh:edit" } },
      /no; unauthorizedActionsByIAM: domain:apiovh:edit \(PUT/,
    ],
  ])("of status %d with %j says what to do", async (status, body, words) => {
    const { message } = await failure({ status, body });
    if (typeof words === "string") expect(message).toBe(words);
    else expect(message).toMatch(words);
  });

  test("of a proxy that answers in HTML has its words", async () => {
    const text = "<html><style>b {}</style><h1>502 Bad Gateway</h1>\n<p>of example.org</p></html>";
    const error = await failure({ status: 502, text });
    expect([error.kind, error.serverMessage]).toEqual(["server", "502 Bad Gateway of example.org"]);
  });

  test("says when an answer is no JSON, and whether it was carried out", async () => {
    const error = await failure({ status: 200, text: "<html>hello</html>" });
    expect(error.message).toContain("status 200 came without JSON");
    expect([error.kind, error.ambiguous]).toEqual(["unexpected", true]);
  });

  test("of a server that is not reached says so", async () => {
    const transport = async () => {
      throw new HttpFailure("connection refused (ECONNREFUSED)", false, true);
    };
    const client = new OvhClient({ ...KEYS, endpoint: "ovh-eu", env: {}, transport });
    const error = await client.get("/me").catch((thrown: unknown) => thrown);
    expect(isOvhApiError(error, "unreachable")).toBe(true);
    expect(inspect(error)).toContain("cannot reach https://eu.api.ovh.com/: connection refused");
  });
});
