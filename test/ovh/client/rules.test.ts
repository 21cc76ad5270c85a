import { rules } from "../../../provider/ovh/client";

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
const of = (methods: readonly string[], path: string) => methods.map(method => ({ method, path }));

// The tables of python-ovh's test.
describe("rules of a consumer key", () => {
  test("one method on one path", () => {
    expect(rules.exactly(["GET"], "/me")).toEqual([{ method: "GET", path: "/me" }]);
  });

  test("read only is GET, safe is all but DELETE, of the path and of what is below it", () => {
    expect(rules.readOnly("/me")).toEqual([...of(["GET"], "/me"), ...of(["GET"], "/me/*")]);
    const safe = ["GET", "POST", "PUT"];
    expect(rules.readWriteSafe("/domains/test.com")).toEqual([
      ...of(safe, "/domains/test.com"),
      ...of(safe, "/domains/test.com/*"),
    ]);
  });

  test.each(["/sms/*", "/sms", "/sms/", "/sms/* "])("%p is the path and all below it", path => {
    expect(rules.readWrite(path)).toEqual([...of(METHODS, "/sms"), ...of(METHODS, "/sms/*")]);
  });

  test.each(["/", "/*"])("%p is all, without a rule for the empty path", path => {
    expect(rules.readWrite(path)).toEqual(of(METHODS, "/*"));
  });

  test("a path without a slash is refused", () => {
    expect(() => rules.readOnly("me")).toThrow('"me" does not');
  });
});
