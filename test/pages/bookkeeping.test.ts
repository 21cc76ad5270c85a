/** What the state has beside arguments and outputs, and `--diff` shows: each is named and explained on a page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Field } from "../../provider/resource/table/field";
import { openSession } from "../../provider/tutum/lifecycle/context";
import { create } from "../../provider/tutum/lifecycle/create";
import { applicationFields } from "../../provider/tutum/lifecycle/fields";
import { startServer } from "../../server/index";
import { rememberedIntents, silentOperation } from "../tutum/lifecycle/operation";

/** What `TutumApplication` offers a program. */
const OFFERED = [
  ...["uniqueName", "state", "publicDns", "currentNumContainers", "runningNumContainers"],
  ...Object.entries<Field<never>>(applicationFields).flatMap(([name, { internal }]) =>
    internal ? [] : [name],
  ),
];

test("every property that no program sets or reads has a row that says what it is for", async () => {
  const server = await startServer({ times: { start: 5 } });
  const settings: Record<string, string> = {
    "tutum:endpoint": server.url,
    "tutum:user": server.user,
    "tutum:apikey": server.apikey,
  };
  const open = openSession(key => settings[key], { env: {}, intents: rememberedIntents() });
  const { outputs } = await create(open(silentOperation, {}), { image: "tutum/hello-world", name: "web" });
  await server.close();
  const kept = [...Object.keys(outputs), ...Object.keys(applicationFields), "unfinished", "__provider"];
  const page = readFileSync(join(__dirname, "../../docs/recovery.md"), "utf8");
  const [, table = ""] = /\n## Bookkeeping properties in a diff\n(.*)$/s.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name),
  );
  const unexplained = [...new Set(kept)].filter(name => !OFFERED.includes(name));
  expect(rows.filter(name => name !== "triggers").sort()).toEqual(unexplained.sort());
});
