import { inspect } from "node:util";
import { Api, type Dialect } from "../../provider/http/api";
import { isApiError, noneIfMissing } from "../../provider/http/api-error";
import { HttpClient } from "../../provider/http/http-client";
import { HttpFailure } from "../../provider/http/http-message";
import { RetryBudget } from "../../provider/http/retry";
import { scriptedServer } from "../tutum/client/scripted-server";
import { asBook, DIALECT, json, SECRET, ShelfError, scriptedTransport, shelf } from "./made-up-api";

const baseUrl = "http://127.0.0.1:1/v1/";
const BOOK = { status: 200, text: JSON.stringify({ id: 1, title: "x" }) };

async function failure(call: Promise<unknown>): Promise<ShelfError> {
  const error = await call.then(
    () => new Error("succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ShelfError)) throw error;
  return error;
}

describe("a call to any API", () => {
  test.each([
    ["get", "safe", 3],
    ["put", "idempotent", 3],
    ["patch", "idempotent", 3],
    ["delete", "idempotent", 3],
    ["post", "ambiguous", 1],
  ] as const)("%s is %s: on a 503 it is sent %d times", async (method, retry, times) => {
    const { sent, transport } = scriptedTransport({ status: 503, text: "" });
    const error = await failure(
      shelf({ baseUrl, transport })[method]("books/1", asBook, "Asking for book 1"),
    );
    expect(sent).toHaveLength(times);
    expect(error.ambiguous).toBe(retry !== "safe");
  });

  test("a call may say otherwise: a POST that only asks is safe", async () => {
    const { sent, transport } = scriptedTransport({ status: 503, text: "" });
    await failure(shelf({ baseUrl, transport }).post("search", asBook, "Searching", { retry: "safe" }));
    expect(sent).toHaveLength(3);
  });

  test("a form goes as a form, JSON as JSON, and nothing has no type", async () => {
    const server = await scriptedServer(json(200, { id: 1, title: "x" }));
    const api = shelf({ baseUrl: `${server.url}/v1/` });
    await api.post("token", asBook, "Asking", { form: { code: "a b", secret: "c&d", none: undefined } });
    await api.post("books", asBook, "Adding", { body: { title: "é" } });
    await api.post("books/1/boot", asBook, "Booting");
    await api.delete("books/1", asBook, "Removing");
    expect(server.received.map(({ headers, body }) => [headers["content-type"], body])).toEqual([
      ["application/x-www-form-urlencoded", "code=a+b&secret=c%26d"],
      ["application/json", '{"title":"é"}'],
      [undefined, ""],
      [undefined, ""],
    ]);
    await server.close();
  });

  test("no control character of a server reaches a terminal, and none hides a secret from what redacts it", async () => {
    const cut = `${SECRET.slice(0, 3)}\u001b[0m${SECRET.slice(3)}`;
    const { transport } = scriptedTransport({
      status: 400,
      text: JSON.stringify({ error: `\u001b]0;title\u0007\u001b[31mred\u001b[0m \u202egnp ${cut}` }),
      headers: { "x-shelf-query": "\u001b[2Jid" },
    });
    const error = await failure(shelf({ baseUrl, transport }).get("books/1", asBook, "Asking for book 1"));
    expect(error.requestId).toBe("id");
    for (const text of [error.message, error.serverMessage])
      expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(error.serverMessage).toMatch(/red gnp \*\*\*$/);
  });

  test("an error has status, method, path, the server's words and its id of the request", async () => {
    const { transport } = scriptedTransport({
      status: 403,
      text: JSON.stringify({ error: "not yours", details: { right: "books:write" } }),
      headers: { "x-shelf-query": "EU.ext-99.foobar" },
    });
    const error = await failure(
      shelf({ baseUrl, transport }).put("books/1", asBook, "Changing book 1", { query: { soon: true } }),
    );
    expect({ ...error }).toEqual({
      name: "ShelfError",
      status: 403,
      method: "PUT",
      path: "books/1",
      serverMessage: "not yours; details.right: books:write",
      requestId: "EU.ext-99.foobar",
      ambiguous: false,
    });
    expect(error.message).toBe(
      "Changing book 1 failed: the server answered status 403: not yours; details.right: books:write " +
        "(PUT http://127.0.0.1:1/v1/books/1). Request id: EU.ext-99.foobar.",
    );
  });

  test("a response that is something else names the API that was expected, and the request's id", async () => {
    const headers = { "x-shelf-query": "q-1" };
    const { transport } = scriptedTransport({ status: 200, text: '{"id":"one"}', headers });
    const error = await failure(
      shelf({ baseUrl, transport }, { hint: "The shelf has moved." }).post("books", asBook, "Adding a book"),
    );
    expect(error.message).toBe(
      "Adding a book failed: the answer holds no book (id is not as documented) (POST http://127.0.0.1:1/v1/books). " +
        "Is this address a shelf? Request id: q-1. The shelf has moved.",
    );
    expect([error.status, error.ambiguous]).toEqual([200, true]);
  });

  test("a refusal may be in the API's own words", async () => {
    const { transport } = scriptedTransport({ status: 460, text: "{}" });
    const refusal = ({ status }: { status: number }) =>
      status === 460 ? "the subscription has expired." : undefined;
    const error = await failure(
      shelf({ baseUrl, transport }, { refusal }).get("books", asBook, "Listing books"),
    );
    expect(error.message).toBe("Listing books failed: the subscription has expired.");
  });

  test("an error is made of the body, too, and the words of a refusal of the request", async () => {
    const { transport } = scriptedTransport({ status: 403, text: '{"code":7}' });
    const seen: unknown[] = [];
    const dialect: Partial<Dialect> = {
      errorOf: (details, body) => {
        seen.push(body);
        return new ShelfError(details);
      },
      refusal: (_response, body, { method, path }) =>
        `${method} ${path} is refused by ${JSON.stringify(body)}.`,
    };
    const error = await failure(shelf({ baseUrl, transport }, dialect).put("books/1", asBook, "Changing"));
    expect(error.message).toBe('Changing failed: PUT books/1 is refused by {"code":7}.');
    expect(seen).toEqual([{ code: 7 }]);
  });

  test("an error that is no JSON has the words that its dialect finds in its text", async () => {
    const { transport } = scriptedTransport({ status: 404, text: "<b>gone</b>" });
    const serverMessage = (body: unknown, text: string) =>
      body === undefined ? text.replace(/<.*?>/g, "") : "";
    const error = await failure(
      shelf({ baseUrl, transport }, { serverMessage }).get("books/1", asBook, "Reading"),
    );
    expect(error.serverMessage).toBe("gone");
  });

  test("a response without text is an empty object, or null where the dialect says so", async () => {
    const { transport } = scriptedTransport({ status: 204, text: "" });
    const asIs = (body: unknown) => body;
    await expect(shelf({ baseUrl, transport }).delete("books/1", asIs, "Removing")).resolves.toEqual({});
    await expect(
      shelf({ baseUrl, transport }, { empty: null }).delete("books/1", asIs, "Removing"),
    ).resolves.toBeNull();
  });

  test("a raw call gives the response as it came, of any status; one that did not come is an error", async () => {
    const { transport } = scriptedTransport({ status: 404, text: "<none>", headers: { "x-y": "z" } });
    await expect(shelf({ baseUrl, transport }).raw("GET", "books/1", "Reading")).resolves.toEqual({
      status: 404,
      text: "<none>",
      headers: { "x-y": "z" },
    });
    const broken = async () => {
      throw new HttpFailure("socket hang up", true);
    };
    const error = await failure(shelf({ baseUrl, transport: broken }).raw("POST", "books", "Adding"));
    expect([error.message, error.ambiguous]).toEqual([
      `Adding failed: socket hang up (POST ${baseUrl}books).`,
      true,
    ]);
  });

  test("every API's error is known by its guard, and none if it is missing", async () => {
    const { transport } = scriptedTransport({ status: 404, text: "" });
    const error = await failure(shelf({ baseUrl, transport }).get("books/1", asBook, "Reading book 1"));
    expect([isApiError(error), isApiError(new Error("x")), isApiError(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(noneIfMissing(error)).toBeUndefined();
    expect(() => noneIfMissing(new Error("other"))).toThrow("other");
  });

  test("a secret is in no error, wherever it came from, and in no client that is shown", async () => {
    const words = `you sent ${SECRET}`;
    const transports = [
      scriptedTransport({ status: 400, text: JSON.stringify({ error: words, [SECRET]: SECRET }) }).transport,
      scriptedTransport({ status: 400, text: "{}", headers: { "x-shelf-query": SECRET } }).transport,
      scriptedTransport({ status: 200, text: words }).transport,
      async () => {
        throw new HttpFailure(words, true, true);
      },
      async () => {
        throw new HttpFailure(words, false, true);
      },
    ];
    for (const transport of transports) {
      const http = new HttpClient({
        baseUrl,
        headers: { Authorization: SECRET },
        retryBudget: new RetryBudget(),
        transport,
        authorization: { authorize: () => ({ "X-Signature": SECRET }) },
      });
      const api = new Api(http, DIALECT);
      const error = await failure(
        api.post(`keys/${SECRET}`, asBook, "Asking", { form: { secret: SECRET }, query: { token: SECRET } }),
      );
      const shown = [error, http, api].map(each => inspect(each, { depth: 20, showHidden: true }));
      expect([...shown, JSON.stringify(error), error.stack].join("\n")).not.toContain(SECRET);
    }
  });

  test("a secret that was renewed meanwhile is redacted as well", async () => {
    let token = "canary-first";
    const { transport } = scriptedTransport({ status: 400, text: '{"error":"bad canary-second"}' });
    const authorization = {
      authorize: () => {
        token = "canary-second";
        return { Authorization: token };
      },
    };
    const api = shelf({ baseUrl, transport, authorization }, { secrets: () => [token] });
    expect((await failure(api.get("books", asBook, "Listing"))).message).toContain("bad ***");
  });

  test("a method's path, retry class and body are the caller's own; nothing of the options is changed", async () => {
    const { sent, transport } = scriptedTransport(BOOK);
    const options = Object.freeze({ body: Object.freeze({ title: "x" }), query: Object.freeze({ a: 1 }) });
    await shelf({ baseUrl, transport }).patch("books/1", asBook, "Changing", options);
    expect(sent).toEqual([
      {
        method: "PATCH",
        url: "http://127.0.0.1:1/v1/books/1?a=1",
        body: '{"title":"x"}',
        headers: { Accept: "application/json", "Content-Type": "application/json" },
        retry: "idempotent",
      },
    ]);
  });
});
