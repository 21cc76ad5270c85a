import type { Dialect } from "../../http/api";
import { isRecord } from "../../http/json";
import { kindOf, OvhApiError, type OvhErrorKind, wordsOf } from "./errors";

/** How requests prove who sends them: each has its own ways out of a refusal. */
export type Proof = "key" | "token" | "none";

const LOGIN = "`npx --no-install pulumi-tutum ovh login`";

/** A signature that the server tells back. */
const SIGNATURE = /\$1\$[0-9a-f]{40}/gi;

export interface Speaker {
  proof: Proof;
  /** The path of a request as the caller named it. */
  shown(path: string): string;
  secrets(): readonly string[];
}

/** What is OVH's own in the errors of a call. */
export function ovhDialect({ proof, shown, secrets }: Speaker): Dialect {
  return {
    name: "OVH's API",
    empty: null,
    requestIdHeader: "x-ovh-queryid",
    secrets,
    serverMessage,
    errorOf(details, body) {
      const { errorCode, class: name } = wordsOf(body);
      return new OvhApiError({
        ...details,
        path: shown(details.path),
        kind: kindOf(details.status, body),
        errorCode,
        class: name,
      });
    },
    refusal({ status, text }, body, { method, path }) {
      const explain = EXPLANATIONS[kindOf(status, body)];
      if (explain === undefined) return undefined;
      const said = serverMessage(body, text);
      return `${explain({ proof, method, path: shown(path) })} The server says${
        said === "" ? ` status ${status}` : ` (status ${status}): ${said}`
      }.`;
    },
  };
}

interface Refused {
  proof: Proof;
  method: string;
  path: string;
}

/** What a refusal means and what to do about it. Where it is not here, status and words of the server say it all. */
const EXPLANATIONS: Partial<Record<OvhErrorKind, (refused: Refused) => string>> = {
  notGranted: ({ proof, method, path }) =>
    proof === "token"
      ? `the policies of this OAuth2 client do not allow ${method} ${path}. Allow it where they are kept (IAM).`
      : `no rule of this consumer key allows ${method} ${path}. Request a key with that rule, as ${LOGIN} does with \`--allow ${method}:${path}\` beside the rules that it has.`,
  unauthenticated: ({ proof }) =>
    proof === "token"
      ? "the token is not accepted, nor is a new one. Check the OAuth2 client and the endpoint."
      : "this call has to be signed: leave out `auth: false`.",
  unknownKey: () =>
    `the server does not know this consumer key, or not with this application key. Both must be of the same endpoint; ${LOGIN} requests a new one.`,
  invalidKey: () =>
    `the consumer key is not validated yet, was refused, has expired or was logged out. Validate it in the browser, or request a new one: ${LOGIN}.`,
  invalidApplication: () =>
    "the server does not know this application key. Check it, and the endpoint: each has its own applications.",
  clock: () =>
    "the signature's time is not the server's, also after its clock was asked again. Is the request held up for minutes on its way, or is a clock being set?",
  signature: () =>
    "the signature is not what the server expects. Either the application secret is not that of the application key, or a field of the body has the wrong type, which OVH answers in these words, too. A proxy that changes the address or the body does the same.",
  expired: () => "the service has expired. Renew it at OVH.",
};

function serverMessage(body: unknown, text: string): string {
  return [...wordsIn(body, text)]
    .join("; ")
    .replace(SIGNATURE, "***")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 500);
}

function* wordsIn(body: unknown, text: string): Generator<string> {
  // A proxy answers in HTML.
  if (body === undefined) yield text.replace(/<(style|script).*?<\/\1>|<[^>]*>/gis, " ");
  if (typeof body === "string") yield body;
  if (!isRecord(body)) return;
  const { message = body.error_description ?? body.error } = body;
  if (typeof message === "string") yield message.replace(/\.$/, "");
  // IAM says in its details which action is missing.
  const { details } = body;
  if (isRecord(details))
    for (const [name, value] of Object.entries(details)) yield `${name}: ${String(value)}`;
}
