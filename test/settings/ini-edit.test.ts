import { withIniSettings } from "../../provider/settings/ini-edit";

const FILE = `; mine
[default]
endpoint = ovh-eu   ; where

[ovh-eu]
Application_Key: "old"
# of last year
consumer_key=a
consumer_key=b

[ovh-ca]
consumer_key=ca
`;

describe("a change of settings in the text of an ini file", () => {
  test("touches their lines alone: comments, other sections and blank lines stay", () => {
    expect(
      withIniSettings(FILE, "ovh-eu", { application_key: "new", consumer_key: "c", extra: "1" }),
    ).toBe(`; mine
[default]
endpoint = ovh-eu   ; where

[ovh-eu]
application_key=new
# of last year
consumer_key=c
extra=1

[ovh-ca]
consumer_key=ca
`);
  });

  test("takes a setting out, every line of it", () => {
    expect(withIniSettings(FILE, "ovh-eu", { consumer_key: undefined })).toBe(
      FILE.replace(/consumer_key=[ab]\n/g, ""),
    );
    expect(withIniSettings(FILE, "ovh-us", { consumer_key: undefined })).toBe(FILE);
  });

  test("adds a section that is not there, also to nothing", () => {
    expect(withIniSettings("", "http://127.0.0.1:8/1.0", { a: "1" })).toBe("[http://127.0.0.1:8/1.0]\na=1\n");
    expect(withIniSettings("[a]\nb=1", "c", { d: "1" })).toBe("[a]\nb=1\n\n[c]\nd=1\n");
  });

  test("keeps how lines end", () => {
    expect(withIniSettings("\ufeff[a]\r\nb=1\r\n", "a", { b: "2", c: "3" })).toBe(
      "\ufeff[a]\r\nb=2\r\nc=3\r\n",
    );
  });

  test.each(["a\nb=c", " a", "a ", "a ;b", "a #b", '"a"', "'"])(
    "%j cannot be a value, and is not shown",
    value => {
      expect(() => withIniSettings("", "a", { key: value })).toThrow(
        "The value of key cannot be written into a file of settings.",
      );
    },
  );
});
