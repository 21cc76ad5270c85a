/** Comments of a merge request: GitLab REST API, "Notes". */
import { CommentApi } from "./comment-api";
import type { CommentHost } from "./comment-host";
import { same } from "./github";

export interface GitLabOptions {
  /** As in `https://gitlab.com/api/v4`. */
  apiUrl: string;
  /** Number, or path like `group/name`. */
  project: string;
  mergeRequest: number;
  /** A project or personal access token with the scope `api`; a job's own token may not write notes. */
  token: string;
}

export function gitLabNotes({ apiUrl, project, mergeRequest, token }: GitLabOptions): CommentHost {
  const api = new CommentApi(apiUrl, { "PRIVATE-TOKEN": token }, token);
  const notes = `projects/${encodeURIComponent(project)}/merge_requests/${mergeRequest}/notes`;
  return {
    place: `merge request ${mergeRequest} of ${project}`,
    comments: () => api.comments(notes, { sort: "asc", order_by: "created_at" }),
    async ownership() {
      // Also a project's access token has a user of its own.
      const user = await api.user();
      return author => user !== undefined && same(author, user);
    },
    async create(body) {
      await api.send({ method: "POST", path: notes, body: { body }, retry: "ambiguous" }, "Writing the note");
    },
    async update(id, body) {
      const path = `${notes}/${id}`;
      await api.send({ method: "PUT", path, body: { body }, retry: "idempotent" }, "Updating the note");
    },
  };
}
