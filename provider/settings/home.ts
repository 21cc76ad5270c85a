import { homedir } from "node:os";
import { isAbsolute } from "node:path";

/**
 * The user's home; undefined without one, as in a container under a user id that nobody made, or with an empty `HOME`,
 * which would be the folder that the process happens to be in.
 */
export function homeOf(
  { HOME }: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const home = HOME || systemHome();
  return home !== undefined && isAbsolute(home) ? home : undefined;
}

function systemHome(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
