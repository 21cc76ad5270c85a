/** Where OVH clients find endpoint and keys: in variables, and in an `ovh.conf` that only their user can read. */
import { join } from "node:path";
import type { Logger } from "../../host/ports/logger";
import { writePrivate } from "../../host/storage/private-file";

export interface Keys {
  /** Ending in `/1.0`. */
  endpoint: string;
  applicationKey: string;
  applicationSecret: string;
  consumerKey: string;
}

/** Without a folder, or on a full disk, there is no file and no variable that names it. */
export function clientEnvironment(
  keys: Keys,
  folder: string | undefined,
  logger: Logger,
): Record<string, string> {
  const { endpoint, applicationKey, applicationSecret, consumerKey } = keys;
  return {
    OVH_ENDPOINT: endpoint,
    OVH_APPLICATION_KEY: applicationKey,
    OVH_APPLICATION_SECRET: applicationSecret,
    OVH_CONSUMER_KEY: consumerKey,
    ...(folder === undefined ? {} : written(join(folder, "ovh.conf"), configuration(keys), logger)),
  };
}

function written(file: string, text: string, logger: Logger): Record<string, string> {
  try {
    writePrivate(file, text);
    return { OVH_CONFIG_FILE: file };
  } catch (error) {
    logger.warn({ error: String(error) }, "ovh.conf could not be written");
    return {};
  }
}

/** The section is named as the endpoint is. */
function configuration({ endpoint, applicationKey, applicationSecret, consumerKey }: Keys): string {
  return [
    "[default]",
    `endpoint=${endpoint}`,
    "",
    `[${endpoint}]`,
    `application_key=${applicationKey}`,
    `application_secret=${applicationSecret}`,
    `consumer_key=${consumerKey}`,
    "",
  ].join("\n");
}
