/** The package `tutum-server`, an optional peer: the APIs of all clouds, on the user's own machine. */
import { VERSION } from "../version";

export interface ServerPackage {
  startServer(options: object): Promise<{ url: string; close(): Promise<void> }>;
}

/** @throws when it is not installed, or not in the same minor version. */
export async function loadServer(): Promise<ServerPackage> {
  try {
    const { version } = require("tutum-server/package.json") as { version: string };
    if (minorOf(version) !== minorOf(VERSION)) throw new Error(notTogether(version));
    return require("tutum-server") as ServerPackage;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new Error("startEmbeddedServer needs the package tutum-server: install it as a devDependency.");
  }
}

/** Checked here and not by npm, which would look on its registry for the version that is missing. */
function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function notTogether(version: string): string {
  const wanted = `${minorOf(VERSION)}.x`;
  return `pulumi-tutum ${VERSION} needs tutum-server ${wanted}, and ${version} is installed: install ${wanted} as a devDependency.`;
}
