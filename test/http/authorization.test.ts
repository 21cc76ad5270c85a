import type { Authorization } from "../../provider/http/authorization";
import { HttpFailure, type HttpTransport } from "../../provider/http/http-message";
import { scriptedServer } from "../tutum/client/scripted-server";
import { asBook, json, scriptedTransport, shelf, signature } from "./made-up-api";

const BOOK = { status: 200, text: JSON.stringify({ id: 1, title: "Réa" }) };
const REFUSED = { status: 401, text: "" };
const baseUrl = "http://127.0.0.1:1/v1/";

/** Counts what it is asked. */
function counting(renew?: Authorization["renew"]) {
  const asked: string[] = [];
  const authorization: Authorization = {
    authorize: ({ method, url }) => {
      asked.push(`${method} ${url}`);
      return { "X-Attempt": String(asked.length) };
    },
    ...(renew && { renew }),
  };
  return { asked, authorization };
}

describe("authorization", () => {
  test("what is signed is what the server receives, byte for byte, in every attempt", async () => {
    let time = 1000;
    const server = await scriptedServer((response, request, before) => {
      const { "x-time": at, "x-signature": signed, host } = request.headers;
      const expected = signature(request.method, `http://${host}${request.url}`, request.body, Number(at));
      if (signed !== expected) json(400, { error: "bad signature" })(response);
      else json(before % 2 === 0 ? 429 : 200, { id: 1, title: "x" })(response);
    });
    const api = shelf({
      baseUrl: `${server.url}/v1/`,
      authorization: {
        authorize: ({ method, url, body = "" }) => {
          time++;
          return { "X-Time": String(time), "X-Signature": signature(method, url, body, time) };
        },
      },
    });
    const query = { title: "Ré & Co: a+b/c'd (e) *~!", page: 2, all: true, none: undefined };
    await api.get("books/ü x", asBook, "Reading", { query });
    await api.post("books", asBook, "Adding", {
      query,
      body: { title: "\u2028 <é> 日本", tags: ["a", 1, null] },
    });
    await api.put("books/1", asBook, "Changing", { body: "just a text " });
    await api.post("token", asBook, "Asking", { form: { code: "a b&c=d+é", secret: "%41" } });
    await api.delete("books/1?x=1", asBook, "Removing", { query });
    const times = server.received.map(({ headers }) => Number(headers["x-time"]));
    expect(times).toEqual([1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010]);
    await server.close();
  });

  test("a refusal is answered once by headers made anew, of a request that must not be repeated too", async () => {
    const renewed: number[] = [];
    const { asked, authorization } = counting(({ status }) => renewed.push(status) > 0);
    const { sent, transport } = scriptedTransport(REFUSED, BOOK);
    await shelf({ baseUrl, transport, authorization }).post("books", asBook, "Adding", { body: {} });
    expect(sent.map(({ headers }) => headers["X-Attempt"])).toEqual(["1", "2"]);
    expect(asked).toEqual(["POST http://127.0.0.1:1/v1/books", "POST http://127.0.0.1:1/v1/books"]);
    expect(renewed).toEqual([401]);
  });

  test("what renews is told the headers that were refused: of many, the first one renews", async () => {
    let current = 1;
    let renewals = 0;
    const authorization: Authorization = {
      authorize: () => ({ "X-Token": String(current) }),
      renew: (_response, _signal, headers) => {
        if (headers["X-Token"] === String(current)) {
          current++;
          renewals++;
        }
        return true;
      },
    };
    const transport: HttpTransport = async ({ headers }) => (headers["X-Token"] === "1" ? REFUSED : BOOK);
    const api = shelf({ baseUrl, transport, authorization });
    await Promise.all(Array.from({ length: 5 }, () => api.post("books", asBook, "Adding")));
    expect(renewals).toBe(1);
  });

  test("one that refuses again is believed", async () => {
    let renewals = 0;
    const { authorization } = counting(() => ++renewals > 0);
    const { sent, transport } = scriptedTransport(REFUSED);
    const call = shelf({ baseUrl, transport, authorization }).get("books/1", asBook, "Reading book 1");
    await expect(call).rejects.toMatchObject({ status: 401, ambiguous: false });
    expect([sent.length, renewals]).toEqual([2, 1]);
  });

  test.each<[string, Authorization["renew"] | undefined, number]>([
    ["where nothing can be renewed", undefined, 401],
    ["where renewing would not help", () => false, 401],
    ["for a failure of the server, which is no refusal", () => true, 500],
  ])("nothing is sent once more %s", async (_where, renew, status) => {
    const { authorization } = counting(renew);
    const { sent, transport } = scriptedTransport({ status, text: "" });
    await expect(
      shelf({ baseUrl, transport, authorization }).post("books", asBook, "Adding"),
    ).rejects.toMatchObject({ status });
    expect(sent).toHaveLength(1);
  });

  test("a token that cannot be had leaves no doubt: nothing was sent", async () => {
    const { sent, transport } = scriptedTransport(BOOK);
    const authorization: Authorization = {
      authorize: () => {
        throw new HttpFailure("socket hang up (ECONNRESET)", true, true);
      },
    };
    const call = shelf({ baseUrl, transport, authorization }).post("books", asBook, "Adding");
    await expect(call).rejects.toMatchObject({ ambiguous: false });
    expect(sent).toHaveLength(0);
  });

  test("an abort ends the wait for a token", async () => {
    const controller = new AbortController();
    const authorization: Authorization = {
      authorize: () => {
        controller.abort(new Error("enough"));
        return new Promise(() => undefined);
      },
    };
    const { sent, transport } = scriptedTransport(BOOK);
    const call = shelf({ baseUrl, transport, authorization }).get("books", asBook, "Reading", {
      signal: controller.signal,
    });
    await expect(call).rejects.toThrow("enough");
    expect(sent).toHaveLength(0);
  });
});
