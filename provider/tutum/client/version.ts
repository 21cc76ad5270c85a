import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `pulumi-tutum/<version>`, as every request says. The manifest is three folders up, in sources and in `dist`. */
export const USER_AGENT = `pulumi-tutum/${
  (JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8")) as { version: string }).version
}`;
