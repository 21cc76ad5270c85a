import fs from "node:fs";
import path from "node:path";
import { ROOT, script, temporaryFolder } from "./node-process";

/** A server whose `exec` only runs the command. */
const SERVER = `
import { spawn } from "node:child_process";
const [command = "", ...args] = process.argv.slice(process.argv.indexOf("--") + 1);
spawn(command, args, { stdio: "inherit" }).on("close", code => { process.exitCode = code ?? 1; });
`;

/** The CLI as far as set-up and the local stack know it; it notes each call, and what it read, in calls.log. */
const PULUMI = `
[ "$1" = version ] && { echo v3.245.0; exit; }
echo "$*" >>calls.log
[ -e fail ] && { /bin/rm fail; exit 1; }
case "$1 $2" in
  "stack init") mkdir -p .local/state/.pulumi/stacks/linked-apps; echo {} >.local/state/.pulumi/stacks/linked-apps/local.json; echo config: >Pulumi.local.yaml;;
  "stack output") echo '{"applications":{"web":{"uniqueName":"web-2","state":"Running","containers":3,"publicDns":"a.test"}}}';;
  "config set") for key; do case "$key" in databasePassword|tutum:owner) echo "  x:\${key#tutum:}: y" >>Pulumi.local.yaml;; esac; done; /bin/cat >>stdin.log;;
  *) env | grep ^PULUMI_ | /usr/bin/sort >env.log;;
esac
`;

/** A clone with the real tools/, stub sources and a stub Pulumi on PATH. */
export function stubClone() {
  const root = temporaryFolder();
  const copied = ["tools", "package.json", "package-lock.json", "tsconfig.base.json", "server/tsconfig.json"];
  for (const name of [...copied, "server/bin", "provider/tsconfig.json"]) {
    fs.cpSync(path.join(ROOT, name), path.join(root, name), { recursive: true });
  }
  fs.writeFileSync(path.join(root, "provider/index.ts"), "export const answer: number = 42;\n");
  fs.writeFileSync(path.join(root, "server/cli.ts"), SERVER);
  fs.writeFileSync(path.join(root, "server/package.json"), "{}");
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
  for (const name of ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]) {
    script(path.join(root, "on-path", name), PULUMI);
  }
  return cloneIn(root);
}

/** A copy costs no build: the sources and what was compiled from them are the same. */
export function copyOf(clone: { root: string }) {
  const root = temporaryFolder();
  fs.cpSync(clone.root, root, { recursive: true, verbatimSymlinks: true });
  return cloneIn(root);
}

function cloneIn(root: string) {
  const env: NodeJS.ProcessEnv = {
    HOME: root,
    PATH: `${path.join(root, "on-path")}:${process.env.PATH}`,
    PULUMI_BACKEND_URL: "https://company.test",
    PULUMI_ACCESS_TOKEN: "of-the-company",
    PULUMI_STACK: "production",
  };
  const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
  return { root, env, read };
}
