/** What the comment APIs of GitHub, Gitea and GitLab have in common: JSON, pages, who asks, how they refuse. */
import * as v from "valibot";
import { UnexpectedResponse } from "../http/decode";
import { HttpClient } from "../http/http-client";
import { HttpFailure, type HttpRequest, type HttpResponse } from "../http/http-message";
import { jsonOf } from "../http/json";
import { everyPage } from "../http/paging";
import { printable } from "../http/printable";
import { redact } from "../http/redact";
import { USER_AGENT } from "../version";
import { type Author, type Comment, CommentRefusal } from "./comment-host";
import { nextPage } from "./next-page";
import { refusalWords } from "./refusal-words";

const PAGE_SIZE = 100;
/** No pull request has as many comments: a host that goes on and on is not understood. */
const MOST_PAGES = 300;

const account = v.looseObject({
  id: v.optional(v.number()),
  login: v.optional(v.string()),
  username: v.optional(v.string()),
});
const comments = v.array(
  v.looseObject({
    id: v.number(),
    body: v.nullish(v.string(), ""),
    user: v.nullish(account),
    author: v.nullish(account),
  }),
);

export class CommentApi {
  readonly #http: HttpClient;
  readonly #token: string;

  /** `headers` carry the token, which no message shows. */
  constructor(baseUrl: string, headers: Record<string, string>, token: string) {
    this.#token = token;
    const base = baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
    this.#http = new HttpClient({
      baseUrl: base,
      headers: { "User-Agent": USER_AGENT, ...headers },
      concurrency: 1,
    });
  }

  /** Oldest first; `query` is what the host needs to sort so. However the host makes pages, each comment is told once. */
  async *comments(path: string, query: Record<string, string> = {}): AsyncIterable<Comment> {
    const seen = new Set<number>();
    const first: Record<string, string> = { per_page: String(PAGE_SIZE), page: "1" };
    const page = async (asked: Record<string, string>) => {
      const request: HttpRequest = { method: "GET", path, query: { ...query, ...asked }, retry: "safe" };
      const response = await this.send(request, READING);
      const found = v.safeParse(comments, jsonOf(response.text));
      if (!found.success) throw new UnexpectedResponse("answered with something else");
      const items = found.output.filter(({ id }) => !seen.has(id));
      for (const { id } of items) seen.add(id);
      // A page without anything new is the last one, whatever the host says of the next.
      return { items, next: items.length > 0 ? nextPage(response, asked) : undefined };
    };
    try {
      for await (const { id, body, user, author } of everyPage(first, page, MOST_PAGES))
        yield { id, body: body ?? "", author: authorOf(user ?? author ?? {}) };
    } catch (error) {
      if (!(error instanceof UnexpectedResponse)) throw error;
      throw new CommentRefusal(`${READING} failed: ${this.#http.baseUrl} ${error.message}.`, false);
    }
  }

  /** The account of the token; undefined where the host does not tell it, as GitHub doesn't for an app's. */
  async user(): Promise<Author | undefined> {
    try {
      const { text } = await this.send({ method: "GET", path: "user", retry: "safe" }, "Asking who this is");
      const found = v.safeParse(account, jsonOf(text));
      const author = found.success ? authorOf(found.output) : NOBODY;
      return author.name === "" ? undefined : author;
    } catch (error) {
      if (error instanceof CommentRefusal && error.forbidden) return undefined;
      throw error;
    }
  }

  async send(request: HttpRequest, action: string): Promise<HttpResponse> {
    try {
      const response = await this.#http.send(request);
      const { status, text } = response;
      if (status >= 200 && status < 300) return response;
      const words = printable(redact(refusalWords(jsonOf(text)), [this.#token])).slice(0, 300);
      const gone = status === 404 || status === 410;
      const said = `${action} failed: status ${status}${words === "" ? "" : `, ${words}`}.`;
      // GitHub says 404 for what a token may not see, and 403 also for too many requests.
      throw new CommentRefusal(said, gone || [401, 403, 429].includes(status), gone);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      throw new CommentRefusal(`${action} failed: ${this.#http.baseUrl}: ${error.message}.`, false);
    }
  }
}

const READING = "Reading the comments";
const NOBODY: Author = { name: "" };

function authorOf({ id, login, username }: v.InferOutput<typeof account>): Author {
  return { id, name: login ?? username ?? "" };
}
