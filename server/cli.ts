/** The `tutum-server` command: arguments in, exit code out. */
import { Command, CommanderError, Option } from "commander";
import { DEFAULT_DATA, runExec } from "./commands/exec";
import { runReset } from "./commands/reset";
import { addCommonOptions, readPort } from "./commands/server-options";
import { runStart } from "./commands/start";
import { runStatus } from "./commands/status";
import { runStop } from "./commands/stop";
import { UserError } from "./host/errors";
import { version } from "./version";

async function main(): Promise<number> {
  let exitCode = 0;
  const program = new Command("tutum-server")
    .description(
      "The Tutum API v1 on your own machine: with simulated containers, or with real ones on Docker engines.",
    )
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError("(run with --help to see what is possible)")
    .addHelpText(
      "after",
      `
Examples:
  $ tutum-server start                       a server in this terminal, until Ctrl-C
  $ tutum-server exec -- pulumi up           a server for the time of one command
  $ tutum-server exec --backend docker -- pulumi up
                                             with real containers; this server stays
  $ tutum-server status                      is one running, and what is on it

What a server knows is kept in its data folder; two servers never share one.`,
    );

  addCommonOptions(
    program
      .command("start")
      .description("run a server in the foreground and print how to use it")
      .addOption(dataOption())
      .option("--memory", "keep nothing: forget everything at the end")
      .option(
        "--port <number>",
        "port to listen on (default: the one used before, else any free one)",
        readPort,
      )
      .option("--host <address>", "address to listen on; any but the loopback needs --apikey", "127.0.0.1")
      .option("--user <name>", "user name clients must send (default: the one used before, else admin)")
      .addOption(
        new Option(
          "--apikey <key>",
          "API key clients must send (default: the one used before, else random)",
        ).env("TUTUM_SERVER_APIKEY"),
      )
      .addOption(
        new Option(
          "--password <text>",
          "what `tutum login` must send to be told the API key (default: the API key)",
        ).env("TUTUM_SERVER_PASSWORD"),
      )
      .option("--control", "offer the control API under /_tutum/ and print its token")
      .addOption(new Option("--quiet").hideHelp())
      .addOption(new Option("--until-unused").hideHelp())
      .action(async options => {
        exitCode = await runStart(options);
      }),
  );

  addCommonOptions(
    program
      .command("exec")
      .description(
        "run a command with a server, started if none runs on the data; with simulated containers it ends when the last exec does",
      )
      .usage("[options] -- <command> [arguments...]")
      .addOption(dataOption())
      .option(
        "--control",
        "tell the command how to reach the control API, in TUTUM_SERVER_CONTROL_URL and _TOKEN",
      )
      .argument("<command...>", "what to run; its exit code is passed on")
      .passThroughOptions()
      .addHelpText(
        "after",
        `
The command finds TUTUM_BASE_URL, TUTUM_USER, TUTUM_APIKEY and TUTUM_AUTH in its environment; other TUTUM_*
variables and the key in ~/.tutum do not reach the server. With --with ovh it finds OVH_ENDPOINT, the three keys and
OVH_CONFIG_FILE, and no other OVH_* variables. Two commands on the same data use the same server.`,
      )
      .action(async (command: string[], options) => {
        exitCode = await runExec(options, command);
      }),
  );

  program
    .command("status")
    .description("show the server's address and how many applications are in which state")
    .addOption(dataOption())
    .action(async options => {
      exitCode = await runStatus(options.data);
    });

  program
    .command("stop")
    .description("end the server of a data folder; real containers go on running, `reset` removes them")
    .addOption(dataOption())
    .option(
      "--keep-proxy",
      "web applications go on answering by their names until the next start, for --proxy-stays",
    )
    .action(async options => {
      exitCode = await runStop(options.data, { keepsProxy: options.keepProxy === true });
    });

  program
    .command("reset")
    .description("remove all applications and containers; address and key stay")
    .addOption(dataOption())
    .option("--yes", "do it")
    .action(async options => {
      exitCode = await runReset(options.data, options.yes === true);
    });

  program.exitOverride();
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync();
  return exitCode;
}

function dataOption(): Option {
  return new Option("--data <folder>", "data folder").env("TUTUM_SERVER_DATA").default(DEFAULT_DATA);
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    // Commander has said already what is wrong with the arguments.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
      return;
    }
    const expected = error instanceof UserError;
    console.error(
      `tutum-server: ${expected ? error.message : error instanceof Error ? error.stack : String(error)}`,
    );
    process.exitCode = expected ? error.exitCode : 1;
  },
);
