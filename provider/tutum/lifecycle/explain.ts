import { withDeadline } from "../../http/clock";
import { printable } from "../../http/printable";
import { redact } from "../../http/redact";
import type { Application, Container, ContainerEnvvar, TutumClient } from "../client";

/** How long the reason may be looked for, in milliseconds: it must not hide what happened. */
const PATIENCE = 2_000;
const LOG_LINES = 10;
const FAILED = new Set(["Start failed", "Stopped with errors"]);

/**
 * Why an application does not run: its first failed container, with exit code and last log lines. Best effort: empty
 * when there is nothing to tell or no answer in time. `secrets` are redacted, and what the container was handed besides:
 * no line is told when it is not known what that is.
 */
export async function explain(
  { clock, containers }: TutumClient,
  application: Application,
  secrets: string[],
): Promise<string> {
  return withDeadline(clock, PATIENCE, async signal => {
    const lastLines = async (uuid: string) => {
      const { container_envvars: environment } = await containers.get(uuid, { signal });
      const logs = await containers.logs(uuid, { signal });
      return tail(logs, [...secrets, ...environment.flatMap(handedOver)]);
    };
    for await (const container of containers.list({ application__uuid: application.uuid }, { signal })) {
      if (!FAILED.has(container.state) && !container.exit_code) continue;
      return ` ${describe(container)}${await lastLines(container.uuid).catch(() => "")}`;
    }
    return "";
  }).catch(() => "");
}

/** Its links hand over the variables of their targets, and a role the credentials of the API. */
function handedOver({ key, value }: ContainerEnvvar): string[] {
  if (key === "TUTUM_AUTH") return [value, value.replace(/^\S+\s+/, ""), value.slice(value.indexOf(":") + 1)];
  return key.includes("_ENV_") ? [value] : [];
}

function describe({
  unique_name: name,
  state,
  exit_code_msg: exit,
  exit_code: code,
}: Pick<Container, "unique_name" | "state" | "exit_code" | "exit_code_msg">): string {
  const ended = exit ?? (code === null ? "" : `exit code ${code}`);
  return printable(`Container ${name} is "${state}"${ended ? `: ${ended}` : ""}.`);
}

function tail(logs: string, secrets: string[]): string {
  const lines = printable(redact(logs, secrets))
    .trimEnd()
    .split("\n")
    .slice(-LOG_LINES)
    .filter(line => line.trim() !== "");
  return lines.length === 0 ? "" : ` Its last log lines:\n${lines.map(line => `  | ${line}`).join("\n")}\n `;
}
