import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeComment {
  id: number;
  body: string;
  /** GitHub's name for who wrote it; absent: the token's own account. */
  user?: Account;
}

export interface Account {
  id: number;
  login: string;
}

/** What one page of comments is, and what its headers say of the next. */
export interface Page {
  comments: FakeComment[];
  headers?: Record<string, string>;
}

/** The comment APIs of GitHub and GitLab, as far as `post` uses them: pages, tokens, refusals. */
export interface CommentServer {
  url: string;
  comments: FakeComment[];
  /** `GET /repos/…?page=1`, in order. */
  requests: string[];
  /** Whose the token is, as `GET user` tells; undefined: an app's, which only GraphQL tells. */
  me: Account | undefined;
  /** An app's name, in GraphQL; undefined: there is no GraphQL. */
  viewer: string | undefined;
  /** How the host makes pages. Default: by number, of the size asked for, without a word in the headers. */
  page(all: FakeComment[], query: URLSearchParams): Page;
  /** Answers in place of the API, or undefined. */
  refuse?: (
    method: string,
    path: string,
  ) => { status: number; headers?: Record<string, string>; body?: unknown } | undefined;
  close(): Promise<void>;
}

export const TOKEN = "canary-token-77";
export const ME: Account = { id: 41, login: "report-bot" };

export async function startCommentServer(): Promise<CommentServer> {
  const server = createServer(async (request, response) => {
    const { pathname, search, searchParams } = new URL(request.url ?? "", "http://localhost");
    const method = request.method ?? "";
    api.requests.push(`${method} ${pathname}${search}`);
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { "Content-Type": "application/json", ...headers })
        .end(JSON.stringify(body));
    const refusal = api.refuse?.(method, pathname);
    const { authorization, "private-token": privateToken } = request.headers;
    if (refusal)
      return answer(refusal.status, refusal.body ?? { message: `refused ${TOKEN}` }, refusal.headers);
    if (authorization !== `Bearer ${TOKEN}` && privateToken !== TOKEN) return answer(401, { message: "no" });
    if (pathname.endsWith("/graphql")) {
      if (api.viewer === undefined) return answer(404, { message: "Not Found" });
      return answer(200, { data: { viewer: { login: api.viewer } } });
    }
    if (method === "GET" && /\/user$/.test(pathname)) {
      if (!api.me) return answer(403, { message: "Resource not accessible by integration" });
      return answer(200, { id: api.me.id, login: api.me.login, username: api.me.login });
    }
    if (method === "GET") {
      const { comments, headers } = api.page(api.comments, searchParams);
      const shown = comments.map(({ user = api.me ?? APP, ...comment }) =>
        privateToken ? { ...comment, author: { id: user.id, username: user.login } } : { ...comment, user },
      );
      return answer(200, shown, headers);
    }
    const { body } = JSON.parse(await textOf(request)) as { body: string };
    if (method === "POST") {
      const comment = { id: 1_000 + api.comments.length, body };
      api.comments.push(comment);
      return answer(201, comment);
    }
    const comment = api.comments.find(({ id }) => pathname.endsWith(`/${id}`));
    if (!comment) return answer(404, { message: "Not Found" });
    comment.body = body;
    return answer(200, comment);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const api: CommentServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments: [],
    requests: [],
    me: ME,
    viewer: undefined,
    page: (all, query) => ({
      comments: slice(all, Number(query.get("page")), Number(query.get("per_page"))),
    }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}

/** Who a job's own token writes as. */
export const APP: Account = { id: 41_898_282, login: "github-actions[bot]" };

export function slice<T>(all: T[], page: number, size: number): T[] {
  return all.slice((page - 1) * size, page * size);
}

/** Comments of people. */
export function chatter(count: number, first = 0): FakeComment[] {
  const user = { id: 7, login: "people" };
  return Array.from({ length: count }, (_, n) => ({ id: first + n, body: `remark ${n}`, user }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
