import type { ApplicationLink } from "../../provider/tutum/client/types";

/** A link made with an alias is shown as an object, one made without as the target's URI. */
export type LinkView = string | (ApplicationLink & { from_application: string });
