import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { iniSection, iniSections } from "../../provider/settings/ini-file";

describe("settings in an ini file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pulumi-tutum-ini-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const path = () => join(folder, "ovh.conf");
  const section = (name: string) => iniSection(path(), "~/.ovh.conf", name);

  test("a section is a place, its values taken literally", () => {
    writeFileSync(
      path(),
      '\ufeff[default]\r\nendpoint=ovh-eu\r\n[ovh-eu]\nApplication_Key = "k;#%"\nempty =\n',
    );
    expect(section("ovh-eu")).toMatchObject({
      name: "~/.ovh.conf",
      values: { application_key: "k;#%", empty: "" },
    });
    expect(section("default").values).toEqual({ endpoint: "ovh-eu" });
    expect(iniSections(path())).toEqual(["default", "ovh-eu"]);
  });

  test("what is missing is in the place's name", () => {
    expect(section("ovh-eu")).toEqual({ name: "~/.ovh.conf (no such file)", values: {}, isOpen: false });
    expect(iniSections(path())).toEqual([]);
    writeFileSync(path(), "[other]\nx = 1\n");
    expect(section("ovh-eu").name).toBe("~/.ovh.conf (no section [ovh-eu])");
    rmSync(path());
    mkdirSync(path());
    expect(section("ovh-eu").name).toBe("~/.ovh.conf (not readable)");
  });

  test.each(["__proto__", "constructor", "toString"])("%s is no section that is always there", name => {
    writeFileSync(path(), "[other]\nx = 1\n");
    expect(section(name)).toMatchObject({ name: `~/.ovh.conf (no section [${name}])`, values: {} });
  });

  test("a section may have dots in its name", () => {
    writeFileSync(path(), "[http://127.0.0.1:8/1.0]\nx = 1\n[a.b] ; mine\nx = 2\n");
    expect([section("http://127.0.0.1:8/1.0").values, section("a.b").values]).toEqual([
      { x: "1" },
      { x: "2" },
    ]);
  });

  test("the first line that is nothing of a section, a setting or a comment is known", () => {
    writeFileSync(path(), "; a\n# b\n\n[a] ; c\nx = 1\ny: 2\nz=\n");
    expect(section("a").malformed).toBeUndefined();
    writeFileSync(path(), "[a]\nx = 1\nnonsense\n[b\n");
    expect([section("a").malformed, section("none").malformed]).toEqual([3, 3]);
  });

  test("a file that others can read is open", () => {
    writeFileSync(path(), "[a]\nx = 1\n");
    chmodSync(path(), 0o640);
    expect(section("a").isOpen).toBe(true);
    chmodSync(path(), 0o600);
    expect(section("a").isOpen).toBe(false);
  });
});
