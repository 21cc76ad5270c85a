export { UserError } from "./errors";
export type { RequestRecord } from "./http/journal";
export type { Clock } from "./ports/clock";
export type { Logger } from "./ports/logger";
export { createManualClock, type ManualClock } from "./ports/manual-clock";
export type { Random } from "./ports/random";
export { type RunningServer, type ServerOptions, startServer } from "./start-server";
