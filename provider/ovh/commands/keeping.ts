/** Where keys are kept: in the user's file of settings, or in the configuration of a Pulumi stack. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { isRecord, jsonOf } from "../../http/json";
import { withIniSettings } from "../../settings/ini-edit";
import { iniSection } from "../../settings/ini-file";
import { changePrivateFile } from "../../settings/private-file";
import { foldersOf, IN_FILES, type OvhSettings, type OvhSources, USER_FILE } from "../client/configuration";
import { STACK_KEYS, stackSettings } from "../stack-settings";

export interface KeptKeys {
  applicationKey: string;
  applicationSecret: string;
  consumerKey: string;
}

export interface Keeping {
  /** `~/.ovh.conf, section [ovh-eu]`. */
  name(endpoint: string): string;
  /** What the client is given besides what it finds itself. */
  sources(): Promise<OvhSources>;
  keep(endpoint: string, keys: KeptKeys): Promise<void>;
  /** Takes the consumer key out, if it is from here. False: `place` is another one. */
  forget(endpoint: string, place: string): Promise<boolean>;
}

export function inUserFile(env: NodeJS.ProcessEnv): Keeping {
  const path = join(foldersOf(env).home, ".ovh.conf");
  return {
    name: endpoint => `${USER_FILE}, section [${endpoint}]`,
    sources: async () => ({ env }),
    async keep(endpoint, keys) {
      const names = Object.entries(keys).map(([setting, value]) => [
        IN_FILES[setting as keyof KeptKeys],
        value,
      ]);
      const hasEndpoint = Boolean(iniSection(path, USER_FILE, "default").values.endpoint);
      changePrivateFile(path, text => {
        const withDefault = hasEndpoint ? text : withIniSettings(text, "default", { endpoint });
        return withIniSettings(withDefault, endpoint, Object.fromEntries(names));
      });
    },
    async forget(endpoint, place) {
      if (place !== USER_FILE) return false;
      changePrivateFile(path, text => withIniSettings(text, endpoint, { [IN_FILES.consumerKey]: undefined }));
      return true;
    },
  };
}

const GIVEN_AS = "stack config ovh:*";
const SECRET: readonly (keyof OvhSettings)[] = ["applicationSecret", "consumerKey"];

/** `stack` undefined: the one that is selected. */
export function inStack(env: NodeJS.ProcessEnv, stack: string | undefined): Keeping {
  const pulumi = (args: string[], input?: string) =>
    runPulumi([...args, ...(stack === undefined ? [] : ["--stack", stack])], env, input);
  return {
    name: () => `the configuration of ${stack === undefined ? "the selected stack" : `stack ${stack}`}`,
    async sources() {
      const config = jsonOf(await pulumi(["config", "--show-secrets", "--json"]));
      const settings = stackSettings(key => {
        const entry = isRecord(config) ? config[key] : undefined;
        return isRecord(entry) && typeof entry.value === "string" ? entry.value : undefined;
      });
      return { ...settings, env, givenAs: GIVEN_AS };
    },
    async keep(endpoint, keys) {
      for (const [setting, value] of Object.entries({ endpoint, ...keys })) {
        const name = setting as keyof typeof STACK_KEYS;
        // By its input: arguments are seen by everybody on the machine.
        await pulumi(
          ["config", "set", ...(SECRET.includes(name) ? ["--secret"] : []), STACK_KEYS[name]],
          value,
        );
      }
    },
    async forget(_endpoint, place) {
      if (place !== GIVEN_AS) return false;
      await pulumi(["config", "rm", STACK_KEYS.consumerKey]);
      return true;
    },
  };
}

function runPulumi(args: string[], env: NodeJS.ProcessEnv, input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("pulumi", [...args, "--non-interactive"], { env }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const shown = `pulumi ${args.join(" ")}`;
      const why =
        error.code === "ENOENT" ? "there is no pulumi on the PATH" : stderr.trim().replace(/^error: /, "");
      reject(new Error(`\`${shown}\` failed: ${input === "" ? why : why.replaceAll(input, "***")}`));
    });
    // It may have ended before it has read all.
    child.stdin?.on("error", () => undefined).end(input);
  });
}
