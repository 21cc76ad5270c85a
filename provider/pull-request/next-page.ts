import type { HttpResponse } from "../http/http-message";

type Query = Record<string, string>;

/**
 * What to ask for after a page, by what the host said of it: GitLab's `X-Next-Page`, else `Link` (GitHub, Gitea), else
 * simply the next one. How many there were says nothing: hosts and proxies make pages smaller than asked for. Of an
 * address only its query is taken: the token goes nowhere else.
 */
export function nextPage({ headers = {} }: HttpResponse, asked: Query): Query | undefined {
  const { "x-next-page": number, link } = headers;
  if (number !== undefined) return number.trim() === "" ? undefined : { ...asked, page: number.trim() };
  if (link !== undefined) {
    const next = nextLink(link);
    return next && { ...asked, ...next };
  }
  return { ...asked, page: String(Number(asked.page) + 1) };
}

function nextLink(header: string): Query | undefined {
  for (const [, address = "", parameters = ""] of header.matchAll(/<([^>]*)>([^,<]*)/g)) {
    if (!/;\s*rel="?(?:[^"]*\s)?next\b/i.test(parameters)) continue;
    return Object.fromEntries(new URL(address, "http://host.invalid").searchParams);
  }
  return undefined;
}
