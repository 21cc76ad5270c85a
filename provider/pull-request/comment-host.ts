/** Comments of one pull or merge request, whoever hosts it. */
export interface CommentHost {
  /** For messages: `pull request 12 of owner/repo`. */
  readonly place: string;
  /** All of them, oldest first, over all pages. */
  comments(): AsyncIterable<Comment>;
  /** Tells which comments are of the token that asks; nobody else's is ever changed. */
  ownership(): Promise<(author: Author) => boolean>;
  create(body: string): Promise<void>;
  /** Rejects with a `CommentRefusal` that is `gone` when the comment was deleted meanwhile. */
  update(id: number, body: string): Promise<void>;
}

export interface Comment {
  id: number;
  body: string;
  author: Author;
}

/** What the host says of who wrote it; no names can be made up. */
export interface Author {
  id?: number;
  /** Unique on the host, and what people know them by. */
  name: string;
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
