import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One version of a packed package. */
export interface Packed {
  version: string;
  tarball: string;
  /** A folder with what is in the tarball. */
  unpacked: string;
}

/** What `make-packages.js` made. */
interface Made {
  tools: { bin: string; caches: string };
  packages: Record<"pulumi-tutum" | "tutum-server", Packed & { upgrade: Packed; nextMinor: Packed }>;
}

export function made(): Made {
  const { TUTUM_PACKAGES_FOLDER: folder } = process.env;
  if (!folder)
    throw new Error("Run these tests by `npm run test:packages`: it makes the packages that they need.");
  return JSON.parse(readFileSync(join(folder, "made.json"), "utf8")) as Made;
}
