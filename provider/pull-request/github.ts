/** Comments of a pull request: GitHub REST API, "Issue comments", which Gitea and Forgejo speak, too. */
import { CommentApi } from "./comment-api";
import { type Author, type CommentHost, CommentRefusal } from "./comment-host";

export interface GitHubOptions {
  /** Default: `https://api.github.com`. */
  apiUrl?: string;
  /** `owner/name`. */
  repository: string;
  pullRequest: number;
  token: string;
  /** Whether the token is a job's own, of GitHub Actions or what is like it. */
  isJob: boolean;
}

export function gitHubComments(options: GitHubOptions): CommentHost {
  const { repository, pullRequest, token } = options;
  const apiUrl = options.apiUrl ?? "https://api.github.com";
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/vnd.github+json" };
  const api = new CommentApi(apiUrl, headers, token);
  const issues = `repos/${repository.split("/").map(encodeURIComponent).join("/")}/issues`;
  return {
    place: `pull request ${pullRequest} of ${repository}`,
    comments: () => api.comments(`${issues}/${pullRequest}/comments`),
    async ownership() {
      const user = await api.user();
      if (user) return author => same(author, user);
      const viewer = await viewerOf(new CommentApi(graphQlUrl(apiUrl), headers, token));
      if (viewer !== undefined) return author => author.name === viewer;
      return author => options.isJob && JOBS.has(author.name);
    },
    async create(body) {
      const path = `${issues}/${pullRequest}/comments`;
      await api.send({ method: "POST", path, body: { body }, retry: "ambiguous" }, "Writing the comment");
    },
    async update(id, body) {
      const path = `${issues}/comments/${id}`;
      await api.send({ method: "PATCH", path, body: { body }, retry: "idempotent" }, "Updating the comment");
    },
  };
}

/** Accounts that only jobs write as: no person can have these names. */
const JOBS = new Set(["github-actions[bot]", "gitea-actions", "forgejo-actions"]);

export function same(author: Author, user: Author): boolean {
  return user.id !== undefined && author.id !== undefined ? author.id === user.id : author.name === user.name;
}

/** `GET /user` refuses the tokens of apps and jobs; GraphQL tells every token who it is. Only apps come this far. */
async function viewerOf(api: CommentApi): Promise<string | undefined> {
  try {
    const { text } = await api.send(
      { method: "POST", path: "graphql", body: { query: "{ viewer { login } }" }, retry: "safe" },
      "Asking who this is",
    );
    const login = /"login":\s*"([^"]+)"/.exec(text)?.[1];
    return login && `${login.replace(/\[bot\]$/, "")}[bot]`;
  } catch (error) {
    if (error instanceof CommentRefusal) return undefined;
    throw error;
  }
}

/** `https://api.github.com` has `/graphql`; an enterprise's `/api/v3` has it beside itself. */
function graphQlUrl(apiUrl: string): string {
  return apiUrl.replace(/\/v3\/?$/, "/");
}
