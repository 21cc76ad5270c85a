/** Options of `start` that `exec` takes too, for the server it may have to start. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { BACKENDS, type BackendKind } from "../apis/tutum/backend/choose";
import type { Times } from "../apis/tutum/backend/simulated-container";
import type { ProxyOptions } from "../apis/tutum/proxy/start-proxy";
import { UserError } from "../host/errors";
import { nameOfOption } from "../host/http/host-names";
import { trustedProxies } from "../host/http/trusted-proxies";
import { STAND_INS, type StandIn } from "../options";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export interface CommonOptions {
  backend: BackendKind;
  node?: string[];
  size?: string[];
  apiUrl?: string;
  settleTime?: number;
  readyTimeout?: number;
  pullTimeout?: number;
  startTime?: number;
  stopTime?: number;
  terminateTime?: number;
  virtualClock?: boolean;
  seed?: string;
  with?: StandIn[];
  proxyPort?: number;
  proxyHost?: string;
  proxyStays?: number;
  trustProxy?: string[];
  allowHost?: string[];
  logLevel: (typeof LOG_LEVELS)[number];
}

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--backend <kind>", "what runs the containers; memory: they are simulated")
        .choices(BACKENDS)
        .env("TUTUM_SERVER_BACKEND")
        .default("memory"),
    )
    .option(
      "--node <name=engine>",
      'an engine for containers, as in "n1=ssh://me@10.0.0.1,address=10.0.0.1"; may be repeated (default: DOCKER_HOST or the local one)',
      collect,
    )
    .option(
      "--api-url <url>",
      "where containers with a role reach this server (default: the engine's gateway, when it is on this machine)",
      readUrl,
    )
    .option(
      "--size <size=limit>",
      'what a real container of a size may use, as in "M=512m" or "M=1g,0.5"; may be repeated (default: no limit)',
      collect,
    )
    .option(
      "--settle-time <time>",
      "how long a real container must stand until it counts as running (default: 2s)",
      readDuration,
    )
    .option(
      "--ready-timeout <time>",
      "how long its TCP ports may take to answer; 0: they are not waited for (default: 60s)",
      readDuration,
    )
    .option(
      "--pull-timeout <time>",
      "the fetch of an image is given up when nothing comes for so long (default: 5m)",
      readDuration,
    )
    .option("--start-time <time>", "how long a container takes to start, as in 2s or 500ms", readDuration)
    .option("--stop-time <time>", "how long a container takes to stop", readDuration)
    .option("--terminate-time <time>", "how long a container takes to terminate", readDuration)
    .option("--virtual-clock", "time stands still until the control API moves it")
    .option("--seed <file>", "applications that are there from the start (JSON; those that exist are kept)")
    .option(
      "--with <api>",
      'another API beside it, for development and tests: "ovh"; may be repeated',
      readStandIn,
    )
    .option(
      "--proxy-port <number>",
      "port at which applications answer by their web_public_dns (default: off for simulated containers, " +
        "else the one used before, or any free one)",
      readPort,
    )
    .option("--proxy-host <address>", "address of that port; others reach it on 0.0.0.0 (default: 127.0.0.1)")
    .option(
      "--proxy-stays <time>",
      "how long applications go on answering there when the server died, or was stopped with --keep-proxy (default: 1m)",
      readDuration,
    )
    .option(
      "--trust-proxy <address>",
      "address or network, as in 10.0.0.0/8, of a proxy in front: its X-Forwarded-For, -Proto, -Host and -Port are believed; may be repeated (default: nobody's)",
      readTrusted,
    )
    .option(
      "--allow-host <name>",
      "a name the server is reached under besides its address, as tutum.example.com by a proxy in front; may be repeated",
      readHost,
    )
    .addOption(new Option("--log-level <level>", "what is logged").choices(LOG_LEVELS).default("info"));
}

/** What only simulated containers or only real ones can follow is refused, not ignored. */
export function checkCommonOptions(options: CommonOptions): void {
  const { backend } = options;
  const given = (flags: Record<string, unknown>) =>
    Object.keys(flags).find(flag => flags[flag] !== undefined && flags[flag] !== false);
  const foreign =
    backend === "memory"
      ? given({
          "--node": options.node,
          "--size": options.size,
          "--api-url": options.apiUrl,
          "--settle-time": options.settleTime,
          "--ready-timeout": options.readyTimeout,
          "--pull-timeout": options.pullTimeout,
        })
      : given({
          "--start-time": options.startTime,
          "--stop-time": options.stopTime,
          "--terminate-time": options.terminateTime,
          "--virtual-clock": options.virtualClock,
          "--seed": options.seed,
          "--with": options.with,
        });
  if (foreign === undefined) return;
  throw new UserError(
    backend === "memory"
      ? `${foreign} is for real containers: add --backend docker`
      : `${foreign} is for simulated containers: it can't be used with --backend ${backend}`,
  );
}

/** Only the times that were given. */
export function timesOf(options: CommonOptions): Partial<Times> {
  const times = { start: options.startTime, stop: options.stopTime, terminate: options.terminateTime };
  return Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined));
}

/** Undefined when neither was asked for: it depends on the backend then. */
export function proxyOf(options: CommonOptions): ProxyOptions | undefined {
  const { proxyPort: port, proxyHost: host, proxyStays: staysMs, backend } = options;
  const isAskedFor = port !== undefined || host !== undefined || backend !== "memory";
  return isAskedFor ? { port, host, staysMs } : undefined;
}

/** The same options as arguments of `start`; a seed is sent to the server when it runs. */
export function startArguments(options: CommonOptions): string[] {
  // Simulated containers are gone with their server; real ones need it as long as they are there.
  const life = options.backend === "memory" ? ["--until-unused"] : [];
  const common = ["--backend", options.backend, "--log-level", options.logLevel];
  const others = (options.with ?? []).flatMap(api => ["--with", api]);
  return [...common, ...life, ...others, ...startOnlyArguments(options)];
}

/** Those that count at the start: a server that runs already cannot follow them. */
export function optionsWithoutEffect(options: CommonOptions): string[] {
  return [...new Set(startOnlyArguments(options).filter(argument => argument.startsWith("--")))];
}

function startOnlyArguments(options: CommonOptions): string[] {
  const times = Object.entries(timesOf(options)).flatMap(([name, time]) => [`--${name}-time`, `${time}ms`]);
  return [
    ...times,
    ...(options.virtualClock ? ["--virtual-clock"] : []),
    ...(options.settleTime === undefined ? [] : ["--settle-time", `${options.settleTime}ms`]),
    ...(options.readyTimeout === undefined ? [] : ["--ready-timeout", `${options.readyTimeout}ms`]),
    ...(options.pullTimeout === undefined ? [] : ["--pull-timeout", `${options.pullTimeout}ms`]),
    ...(options.proxyPort === undefined ? [] : ["--proxy-port", String(options.proxyPort)]),
    ...(options.proxyHost === undefined ? [] : ["--proxy-host", options.proxyHost]),
    ...(options.proxyStays === undefined ? [] : ["--proxy-stays", `${options.proxyStays}ms`]),
    ...(options.trustProxy ?? []).flatMap(address => ["--trust-proxy", address]),
    ...(options.allowHost ?? []).flatMap(name => ["--allow-host", name]),
    ...(options.node ?? []).flatMap(node => ["--node", node]),
    ...(options.size ?? []).flatMap(size => ["--size", size]),
    ...(options.apiUrl === undefined ? [] : ["--api-url", options.apiUrl]),
  ];
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function readStandIn(text: string, before: StandIn[] = []): StandIn[] {
  const names = text.split(",").map(name => STAND_INS.find(known => known === name));
  const known = names.filter(name => name !== undefined);
  if (known.length < names.length)
    throw new InvalidArgumentError(`It must be one of: ${STAND_INS.join(", ")}.`);
  return [...new Set([...before, ...known])];
}

function readHost(text: string, before: string[] = []): string[] {
  if (nameOfOption(text) === undefined)
    throw new InvalidArgumentError(
      'It must be a name such as "tutum.example.com", without scheme, port and path.',
    );
  return [...before, text];
}

function readTrusted(text: string, before: string[] = []): string[] {
  try {
    trustedProxies([text]);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return [...before, text];
}

function readUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new InvalidArgumentError('It must be a URL such as "http://10.0.0.9:8000".');
  return text;
}

function readDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be a time such as "2s", "500ms" or "1m".');
  const unit = { ms: 1, s: 1_000, m: 60_000 }[(match[2] ?? "s") as "ms" | "s" | "m"];
  return Number(match[1]) * unit;
}

export function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return port;
}
