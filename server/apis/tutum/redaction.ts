/** What of Tutum's requests may be kept and shown: known fields of known types, and names that look like ones. */
import type { Redaction } from "../../host/api";
import {
  boolean,
  fields,
  freeText,
  kept,
  keptParameters,
  listOf,
  MASK,
  number,
  oneOf,
  type Reader,
  secret,
  textLike,
} from "../../host/http/redaction";
import {
  ALIAS,
  APPLICATION_NAME,
  APPLICATION_REFERENCE,
  HOST_NAME,
  IMAGE_REFERENCE,
  IMAGE_TAG,
  VARIABLE_NAME,
} from "./model/patterns";
import { CONTAINER_FILTERS, PAGING_PARAMETERS } from "./operations/parameters";

/** A policy, a size, a protocol, a role. */
const WORD = /^[A-Za-z_]{1,20}$/;
/** What lists are filtered by: a name, a uuid, a state. */
const FILTER = /^[\w .-]*$/;

const word = textLike(WORD);
/** What is no variable's name may hold its value. */
const variableName = textLike(VARIABLE_NAME);
const link = textLike(APPLICATION_REFERENCE, APPLICATION_NAME);

const BODY = fields({
  image: textLike(IMAGE_REFERENCE),
  image_tag: textLike(IMAGE_REFERENCE),
  name: textLike(APPLICATION_NAME, IMAGE_REFERENCE),
  container_size: word,
  target_num_containers: number,
  run_command: freeText,
  entrypoint: freeText,
  container_ports: listOf(fields({ protocol: word, inner_port: number, outer_port: number })),
  container_envvars: listOf(fields({ key: variableName, value: secret })),
  linked_to_application: listOf(oneOf(link, fields({ to_application: link, name: textLike(ALIAS) }))),
  autorestart: word,
  autoreplace: word,
  autodestroy: word,
  roles: listOf(word),
  web_public_dns: textLike(HOST_NAME),
  sequential_deployment: boolean,
  tag: textLike(IMAGE_TAG),
  description: freeText,
  username: freeText,
  password: secret,
});

const PARAMETERS: readonly string[] = [...PAGING_PARAMETERS, ...CONTAINER_FILTERS];
const SECRET_PARAMETERS = ["api_key", "apikey", "password"];
const filter = textLike(FILTER);

/** `user` is the account's: nobody else's name is kept, it may be a key in the wrong place. */
export function redactionFor(user: string): Redaction {
  const userName: Reader = value => (value === user ? user : MASK);
  const parameter = (name: string): Reader | undefined => {
    if (PARAMETERS.includes(name)) return filter;
    if (SECRET_PARAMETERS.includes(name)) return secret;
    return name === "username" ? userName : undefined;
  };
  return {
    query: query => keptParameters(query, parameter),
    body: (body, response) => kept(BODY, body, response),
  };
}
