import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeComment {
  id: number;
  body: string;
}

/** The comment APIs of GitHub and GitLab, as far as `post` uses them: pages, tokens, refusals. */
export interface CommentServer {
  url: string;
  comments: FakeComment[];
  /** `GET /repos/…?page=1`, in order. */
  requests: string[];
  /** Answers in place of the API, or undefined. */
  refuse?: (method: string, path: string) => { status: number; headers?: Record<string, string> } | undefined;
  close(): Promise<void>;
}

export const TOKEN = "canary-token-77";

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
    if (refusal) return answer(refusal.status, { message: `refused ${TOKEN}` }, refusal.headers);
    if (authorization !== `Bearer ${TOKEN}` && privateToken !== TOKEN) return answer(401, { message: "no" });
    if (method === "GET") {
      const [page, size] = [Number(searchParams.get("page")), Number(searchParams.get("per_page"))];
      return answer(200, api.comments.slice((page - 1) * size, page * size));
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
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}

/** Comments of people. */
export function chatter(count: number): FakeComment[] {
  return Array.from({ length: count }, (_, id) => ({ id, body: `remark ${id}` }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
