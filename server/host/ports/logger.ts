/** What the server logs to; any pino logger is one. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };

/** Adds these fields to each line. */
export function withFields(logger: Logger, added: object): Logger {
  return {
    info: (fields, message) => logger.info({ ...added, ...fields }, message),
    warn: (fields, message) => logger.warn({ ...added, ...fields }, message),
    error: (fields, message) => logger.error({ ...added, ...fields }, message),
  };
}
