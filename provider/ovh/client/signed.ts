import type { Authorization } from "../../http/authorization";
import type { HttpHeaders, HttpResponse } from "../../http/http-message";
import { jsonOf } from "../../http/json";
import { kindOf } from "./errors";
import type { Comparison, ServerClock } from "./server-clock";
import { type SigningKeys, signatureOf } from "./signature";

/** Signs each attempt by the server's time; one that comes too late by its clock is signed once more. */
export function signed(keys: SigningKeys, clock: ServerClock): Authorization {
  const known = new WeakMap<HttpHeaders, Comparison>();
  return {
    async authorize(request) {
      // Before anybody is asked for the time: there may be no key.
      const { applicationSecret, consumerKey } = keys;
      const { time, by } = await clock.now();
      const headers: HttpHeaders = {
        "X-Ovh-Consumer": consumerKey,
        "X-Ovh-Timestamp": String(time),
        "X-Ovh-Signature": signatureOf({ applicationSecret, consumerKey }, request, time),
      };
      known.set(headers, by);
      return headers;
    },
    async renew(response, _signal, headers) {
      if (!isOutOfTime(response)) return false;
      await clock.correct(known.get(headers));
      return true;
    },
  };
}

function isOutOfTime({ status, text }: HttpResponse): boolean {
  return kindOf(status, jsonOf(text)) === "clock";
}
