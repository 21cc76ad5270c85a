/** Comments of one pull or merge request, whoever hosts it. */
export interface CommentHost {
  /** For messages: `pull request 12 of owner/repo`. */
  readonly place: string;
  /** All of them, oldest first, over all pages. */
  comments(): AsyncIterable<Comment>;
  create(body: string): Promise<void>;
  /** Rejects with a `CommentRefusal` that is `gone` when the comment was deleted meanwhile. */
  update(id: number, body: string): Promise<void>;
}

export interface Comment {
  id: number;
  body: string;
}

/** The host answered, and not as asked. */
export class CommentRefusal extends Error {
  override readonly name = "CommentRefusal";

  constructor(
    message: string,
    /** What the credentials may not do, or may not do now: no fault of the change that is reported. */
    readonly forbidden: boolean,
    readonly gone = false,
  ) {
    super(message);
  }
}
