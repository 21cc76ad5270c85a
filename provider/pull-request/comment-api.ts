/** What the comment APIs of GitHub and GitLab have in common: JSON, pages by number, how they refuse. */
import * as v from "valibot";
import { HttpClient } from "../http/http-client";
import { HttpFailure, type HttpRequest } from "../http/http-message";
import { printable } from "../resource/printable";
import { masked } from "../tutum/client/masked";
import { USER_AGENT } from "../tutum/client/version";
import { type Comment, CommentRefusal } from "./comment-host";

const PAGE_SIZE = 100;

const comments = v.array(v.looseObject({ id: v.number(), body: v.nullish(v.string(), "") }));

export class CommentApi {
  readonly #http: HttpClient;

  /** `headers` carry the token, which no message shows. */
  constructor(
    baseUrl: string,
    headers: Record<string, string>,
    private readonly token: string,
  ) {
    const base = baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
    this.#http = new HttpClient({
      baseUrl: base,
      headers: { "User-Agent": USER_AGENT, ...headers },
      concurrency: 1,
    });
  }

  /** Oldest first; `query` is what the host needs to sort so. */
  async *comments(path: string, query: Record<string, string> = {}): AsyncIterable<Comment> {
    for (let page = 1; ; page++) {
      const request: HttpRequest = {
        method: "GET",
        path,
        query: { ...query, per_page: PAGE_SIZE, page },
        retry: "safe",
      };
      const text = await this.send(request, "Reading the comments");
      const found = v.safeParse(comments, parsed(text));
      if (!found.success)
        throw new CommentRefusal(
          `Reading the comments failed: ${this.#http.baseUrl} answered with something else.`,
          false,
        );
      for (const { id, body } of found.output) yield { id, body: body ?? "" };
      if (found.output.length < PAGE_SIZE) return;
    }
  }

  async send(request: HttpRequest, action: string): Promise<string> {
    try {
      const { status, text } = await this.#http.send(request);
      if (status >= 200 && status < 300) return text;
      const words = printable(masked(serverWords(text), [this.token])).slice(0, 200);
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

function serverWords(text: string): string {
  const { message } = (parsed(text) ?? {}) as { message?: unknown };
  return typeof message === "string" ? message.replace(/\s+/g, " ") : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
