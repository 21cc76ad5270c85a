/** As in package.json, which a bundle does not have beside it. */
export const VERSION = "0.1.0";

/** `pulumi-tutum/<version>`, as every request says. */
export const USER_AGENT = `pulumi-tutum/${VERSION}`;
