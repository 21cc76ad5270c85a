import { existsSync } from "node:fs";
import { join } from "node:path";

/** Of this package; its package.json is beside the sources, and one folder above the compiled files. */
const file = [join(__dirname, "package.json"), join(__dirname, "../package.json")].find(existsSync);

export const { version } = require(file as string) as { version: string };
