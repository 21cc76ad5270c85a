import { VERSION } from "../../version";

/** `pulumi-tutum/<version>`, as every request says. */
export const USER_AGENT = `pulumi-tutum/${VERSION}`;
