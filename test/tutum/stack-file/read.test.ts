import { readFileSync } from "node:fs";
import { join } from "node:path";
import { problemsText, StackFileError } from "../../../provider/tutum/stack-file";
import { stackOf } from "../../../provider/tutum/stack-file/read-stack-file";
import { siblingReader } from "../../../provider/tutum/stack-file/sibling-reader";
import { CASES, cases, ENVIRONMENT, expectFile, expectJson } from "./cases";
import { shown } from "./declared";

const read = (name: string) =>
  stackOf(readFileSync(join(CASES, name), "utf8"), {
    env: ENVIRONMENT,
    file: name,
    readText: siblingReader(join(CASES, name)),
  });

describe("the stack files of cases/ are read as the file beside each says", () => {
  test.each(cases())("%s", async name => {
    const base = name.replace(/\.yml$/, "");
    try {
      const { applications, warnings, notes } = read(name);
      expectJson(`${base}.json`, await shown(applications));
      const said = [...warnings, ...notes];
      if (said.length > 0) expectFile(`${base}.warnings.txt`, `${problemsText(said)}\n`);
    } catch (error) {
      if (!(error instanceof StackFileError)) throw error;
      expect(error.message).not.toMatch(/canary/);
      expectFile(`${base}.errors.txt`, `${error.message}\n`);
    }
  });
});
