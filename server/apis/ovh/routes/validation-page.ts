/**
 * GET, POST auth/?credentialToken=...: where the end user sees what an application asks for, and answers. Looking at it
 * changes nothing. For tests: POST with `answer=yes` or `answer=no`, as the form does; without a body it is yes.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { dateOf } from "../model/dates";
import type { Credential } from "../model/records";
import type { Books } from "../operations/books";
import { decide, statusOf } from "../operations/credentials";
import { VALIDATION } from "../paths";

/** For the select of the form, in seconds; empty: for ever. */
const VALIDITIES = { "": "unlimited", "86400": "1 day", "604800": "7 days", "2592000": "30 days" };
const MAX_VALIDITY = 10 * 366 * 24 * 60 * 60;
const SECURITY = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
};

interface Route {
  Querystring: { credentialToken?: string };
  Body: { answer?: unknown; validity?: unknown } | null | undefined;
}

export function validationPage(app: FastifyInstance, books: Books): void {
  const find = (token: string | undefined) =>
    books.ledger.all("credentials").find(each => each.token === token);

  app.register(async page => {
    page.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string" },
      async (_request: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
    );

    page.get<Route>(VALIDATION, { schema: { hide: true } }, async ({ query }, reply) => {
      const credential = find(query.credentialToken);
      if (!credential) return show(reply, 404, "Unknown request", UNKNOWN);
      if (statusOf(credential, books.clock.now()) !== "pendingValidation")
        return showDecided(reply, credential);
      const { name = "" } = books.ledger.all("applications").find(byId(credential)) ?? {};
      return show(reply, 200, "An application asks for access", form(name, credential));
    });

    page.post<Route>(VALIDATION, { schema: { hide: true } }, async ({ query, body }, reply) => {
      const credential = find(query.credentialToken);
      if (!credential) return show(reply, 404, "Unknown request", UNKNOWN);
      const { answer = "yes", validity = "" } = body ?? {};
      const seconds = validity === "" ? null : Number(validity);
      const isValid =
        seconds === null || (Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_VALIDITY);
      if ((answer !== "yes" && answer !== "no") || !isValid)
        return show(
          reply,
          400,
          "Not understood",
          "<p>The answer is <code>yes</code> or <code>no</code>.</p>",
        );
      const decided = await decide(books, credential, answer, seconds);
      if (!decided) return showDecided(reply, credential);
      if (decided.redirection !== null) return reply.redirect(decided.redirection, 302);
      return showDecided(reply, decided);
    });
  });

  function showDecided(reply: FastifyReply, credential: Credential) {
    const status = statusOf(credential, books.clock.now());
    return show(reply, 200, `The request is ${status}`, "<p>You may close this page.</p>");
  }
}

const UNKNOWN = "<p>Nobody asks for access with this address.</p>";

const byId =
  ({ applicationId }: Credential) =>
  (application: { applicationId: number }) =>
    application.applicationId === applicationId;

function form(application: string, { rules, allowedIPs, creation }: Credential): string {
  const asked = rules.map(({ method, path }) => `<li><code>${method} ${escaped(path)}</code></li>`);
  const from = allowedIPs === null ? "any address" : escaped(allowedIPs.join(", "));
  const options = Object.entries(VALIDITIES).map(
    ([value, words]) => `<option value="${value}">${words}</option>`,
  );
  return [
    `<p>${escaped(application)} asks since ${dateOf(creation)} for these calls, from ${from}:</p>`,
    `<ul>${asked.join("")}</ul>`,
    '<form method="post">',
    `<p><label>Validity <select name="validity">${options.join("")}</select></label></p>`,
    '<button name="answer" value="yes">Authorise</button> <button name="answer" value="no">Refuse</button>',
    "</form>",
  ].join("\n");
}

function show(reply: FastifyReply, status: number, title: string, content: string) {
  return reply
    .code(status)
    .headers(SECURITY)
    .type("text/html; charset=utf-8")
    .send(
      `<!doctype html>\n<html lang="en"><head><title>${title}</title></head>\n<body><h1>${title}</h1>\n${content}\n</body></html>\n`,
    );
}

function escaped(words: string): string {
  return words.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
