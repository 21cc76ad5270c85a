/**
 * What the server keeps besides applications and containers: private images, and the answers to creates that came
 * with an `Idempotency-Key`. The id's first part says which.
 */
export interface ImageRecord {
  readonly id: `image:${string}`;
  /** With registry, without tag: `quay.io/me/app`. */
  readonly name: string;
  readonly description: string;
  readonly username: string;
  /** Never shown. */
  readonly password: string;
}

export interface CreateRecord {
  readonly id: `create:${string}`;
  /** When it was first sent. */
  readonly at: number;
  /** Digest of the body it was sent with. */
  readonly body: string;
  /** What was answered, word for word. */
  readonly answer: object;
}

export type AccountRecord = ImageRecord | CreateRecord;
