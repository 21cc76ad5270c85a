/** Options of `start` that `exec` takes too, for the server it may have to start. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Times } from "../backend/memory";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export interface CommonOptions {
  backend: "memory";
  startTime?: number;
  stopTime?: number;
  terminateTime?: number;
  virtualClock?: boolean;
  seed?: string;
  logLevel: (typeof LOG_LEVELS)[number];
}

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--backend <kind>", "what runs the containers; memory: they are simulated")
        .choices(["memory"])
        .default("memory"),
    )
    .option("--start-time <time>", "how long a container takes to start, as in 2s or 500ms", readDuration)
    .option("--stop-time <time>", "how long a container takes to stop", readDuration)
    .option("--terminate-time <time>", "how long a container takes to terminate", readDuration)
    .option("--virtual-clock", "time stands still until the control API moves it")
    .option("--seed <file>", "applications that are there from the start (JSON; those that exist are kept)")
    .addOption(new Option("--log-level <level>", "what is logged").choices(LOG_LEVELS).default("info"));
}

/** Only the times that were given. */
export function timesOf(options: CommonOptions): Partial<Times> {
  const times = { start: options.startTime, stop: options.stopTime, terminate: options.terminateTime };
  return Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined));
}

/** The same options as arguments of `start`; a seed is sent to the server when it runs. */
export function startArguments(options: CommonOptions): string[] {
  return ["--backend", options.backend, "--log-level", options.logLevel, ...worldArguments(options)];
}

/** Those that shape the simulated world: a server that runs already cannot follow them. */
export function optionsWithoutEffect(options: CommonOptions): string[] {
  return worldArguments(options).filter(argument => argument.startsWith("--"));
}

function worldArguments(options: CommonOptions): string[] {
  const times = Object.entries(timesOf(options)).flatMap(([name, time]) => [`--${name}-time`, `${time}ms`]);
  return options.virtualClock ? [...times, "--virtual-clock"] : times;
}

function readDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be a time such as "2s", "500ms" or "1m".');
  const unit = { ms: 1, s: 1_000, m: 60_000 }[(match[2] ?? "s") as "ms" | "s" | "m"];
  return Number(match[1]) * unit;
}
