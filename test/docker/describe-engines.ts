import { unavailable } from "./engines";

const missing = unavailable();
if (missing) process.stderr.write(`skipped: real containers (${missing})\n`);

/** `describe` where engines can be started; elsewhere its tests are skipped, and standard error says why. */
export const describeEngines = missing ? describe.skip : describe;
