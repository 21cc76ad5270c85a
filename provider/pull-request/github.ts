/** Comments of a pull request: GitHub REST API, "Issue comments". */
import { CommentApi } from "./comment-api";
import type { CommentHost } from "./comment-host";

export interface GitHubOptions {
  /** Default: `https://api.github.com`. */
  apiUrl?: string;
  /** `owner/name`. */
  repository: string;
  pullRequest: number;
  token: string;
}

export function gitHubComments({ apiUrl, repository, pullRequest, token }: GitHubOptions): CommentHost {
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/vnd.github+json" };
  const api = new CommentApi(apiUrl ?? "https://api.github.com", headers, token);
  const issues = `repos/${repository.split("/").map(encodeURIComponent).join("/")}/issues`;
  return {
    place: `pull request ${pullRequest} of ${repository}`,
    comments: () => api.comments(`${issues}/${pullRequest}/comments`),
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
