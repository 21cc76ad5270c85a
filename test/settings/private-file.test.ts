import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changePrivateFile } from "../../provider/settings/private-file";

describe("a file that its owner alone can read", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pulumi-tutum-private-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = () => join(folder, "ovh.conf");
  const mode = () => statSync(file()).mode & 0o777;

  test("is made, and changed by what it holds; one that others could read no longer is", () => {
    changePrivateFile(file(), text => `${text}a`);
    expect([readFileSync(file(), "utf8"), mode()]).toEqual(["a", 0o600]);
    chmodSync(file(), 0o644);
    changePrivateFile(file(), text => `${text}b`);
    expect([readFileSync(file(), "utf8"), mode(), readdirSync(folder)]).toEqual(["ab", 0o600, ["ovh.conf"]]);
  });

  test("stays as it was when the change fails, and nothing is left beside it", () => {
    writeFileSync(file(), "a");
    const fail = () => {
      throw new Error("no");
    };
    expect(() => changePrivateFile(file(), fail)).toThrow("no");
    expect([readFileSync(file(), "utf8"), readdirSync(folder)]).toEqual(["a", ["ovh.conf"]]);
  });

  test("may be a link, which stays one", () => {
    writeFileSync(join(folder, "real"), "a");
    symlinkSync(join(folder, "real"), file());
    changePrivateFile(file(), text => `${text}b`);
    expect(lstatSync(file()).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "real"), "utf8")).toBe("ab");
  });
});
