/** What of OVH's requests may be kept and shown: names, types and numbers; of texts that anybody may have written, only what the response shows. */
import type { Redaction } from "../../host/api";
import {
  boolean,
  fields,
  freeText,
  kept,
  keptParameters,
  listOf,
  number,
  oneOf,
  type Reader,
  secret,
  textLike,
} from "../../host/http/redaction";

const word = textLike(/^[A-Za-z]{1,20}$/);
const name = textLike(/^[\w*.-]{0,253}$/);
/** A name, an address, and the numbers before one: a key has no place in it. */
const target = oneOf(
  textLike(/^(\d{1,5} ){0,3}[\w-]{1,63}(\.[\w-]{1,63})+\.?$/, /^[0-9a-f:.]{2,45}$/i),
  freeText,
);
const network = textLike(/^[0-9a-f:./]{2,49}$/i);

const BODY = fields({
  accessRules: listOf(fields({ method: word, path: textLike(/^[\w*./-]{1,256}$/) })),
  redirection: freeText,
  allowedIPs: listOf(network),
  fieldType: word,
  subDomain: name,
  target,
  ttl: number,
  status: word,
  state: word,
  bootId: number,
  monitoring: boolean,
  noIntervention: boolean,
  password: secret,
});

const PARAMETERS: Record<string, Reader> = {
  fieldType: word,
  subDomain: name,
  status: word,
  category: word,
  orderId: textLike(/^\d+$/),
  applicationId: textLike(/^\d+$/),
  "date.from": textLike(/^[\d:.TZ+-]+$/),
  "date.to": textLike(/^[\d:.TZ+-]+$/),
};

export const redaction: Redaction = {
  query: query =>
    keptParameters(query, parameter =>
      Object.hasOwn(PARAMETERS, parameter) ? PARAMETERS[parameter] : undefined,
    ),
  body: (body, response) => kept(BODY, body, response),
};
