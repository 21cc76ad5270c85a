/** What the API answers when something is wrong, by status. */
import { named, type Schema } from "./schema";

const nothing = (description: string): Schema => ({ type: "null", description });

export const AUTH_FAILURES: Record<number, Schema> = {
  400: named("Error", "Something in the request, or the object's present state, does not allow it"),
  401: nothing("Credentials are missing or wrong"),
  429: named("Error", "Too many wrong credentials; Retry-After says how long to wait"),
};

export const NOT_FOUND: Record<number, Schema> = { 404: nothing("There is no such object") };

export const TOO_LONG: Record<number, Schema> = {
  414: named("Error", "A part of the path is longer than any uuid"),
};

export const BODY_FAILURES: Record<number, Schema> = {
  413: named("Error", "The body is too long"),
  415: named("Error", "The body is not application/json"),
};

export const CHANGE_FAILURES: Record<number, Schema> = {
  503: named("Error", "The change could not be stored or carried out"),
  507: named("Error", "The disk is full"),
};

/** Of what would be shown as running. */
export const UNSEEN: Record<number, Schema> = {
  503: named("Error", "What runs the containers does not answer, so that nobody can tell which of them run"),
};
