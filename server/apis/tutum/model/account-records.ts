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
  /** What was answered, word for word, sealed with that body: without it, nobody reads the values in it. */
  readonly sealed?: string;
  /** The same as the first version kept it. */
  readonly answer?: object;
}

/** Tells times for windows and lives, which are of the clock that nobody sets, apart from those of another run. */
export interface ClockRecord {
  readonly id: "server:clock";
  /** How far the clock for people was ahead of the other one when last looked at, in milliseconds. */
  readonly ahead: number;
}

export type AccountRecord = ImageRecord | CreateRecord | ClockRecord;
