import type { Dialect } from "../../http/api";
import { serverMessage } from "../../http/server-message";
import type { Credentials } from "./credentials";
import { TutumApiError, TutumAuthError } from "./errors";

/** `application: …` only says what the body is about. */
const WRAPPERS = ["error", "error_message", "application", "container"];

/** What is Tutum's own in the errors of a call. */
export function tutumDialect(endpoint: string, { secrets, whose }: Credentials): Dialect {
  return {
    name: "a Tutum API",
    errorOf: details => new (details.status === 401 ? TutumAuthError : TutumApiError)(details),
    refusal: ({ status }) =>
      status === 401
        ? `${endpoint} does not accept ${whose} (status 401). Check the user and the API key.`
        : undefined,
    serverMessage: body => serverMessage(body, WRAPPERS),
    hint: retired(endpoint),
    secrets: () => secrets,
  };
}

/** Whoever answers at the retired service's address, it is not Tutum. */
function retired(endpoint: string): string | undefined {
  return /(^|\.)tutum\.co$/.test(new URL(endpoint).hostname)
    ? "The hosted Tutum service is gone: run a server of your own with `npx --no-install tutum-server`."
    : undefined;
}
