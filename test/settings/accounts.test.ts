import { accountsIn, Explanations, perAccount } from "../../provider/settings/accounts";

const SETTINGS = ["endpoint", "token"];

describe("settings of several accounts", () => {
  test("each account has one of its own, made when it is first asked for", () => {
    const made: (string | undefined)[] = [];
    const of = perAccount(account => {
      made.push(account);
      return { account };
    });
    expect(of("staging")).toBe(of("staging"));
    expect(of(undefined)).not.toBe(of("staging"));
    expect(made).toEqual(["staging", undefined]);
  });

  test("what could not be made is tried again", () => {
    let tries = 0;
    const of = perAccount(() => {
      if (++tries === 1) throw new Error("not yet");
      return tries;
    });
    expect(() => of("a")).toThrow("not yet");
    expect(of("a")).toBe(2);
  });

  test("accounts are objects of known settings, each optional and a string", () => {
    const accounts = accountsIn(
      '{"staging":{"token":"t"},"empty":{},"constructor":{"endpoint":"e"}}',
      SETTINGS,
    );
    expect(accounts && [...accounts]).toEqual([
      ["staging", { token: "t" }],
      ["empty", {}],
      ["constructor", { endpoint: "e" }],
    ]);
    expect(accounts?.get("toString")).toBeUndefined();
  });

  test.each(["", "x", "[]", "null", '"a"', '{"a":1}', '{"a":[]}', '{"a":{"tokn":"t"}}', '{"a":{"token":1}}'])(
    "%p is none",
    text => {
      expect(accountsIn(text, SETTINGS)).toBeUndefined();
    },
  );

  test("what is true of all is explained once, and then begun", () => {
    const explanations = new Explanations();
    const message = 'No token of account "a": looked in code. Set one.';
    expect([explanations.of(message), explanations.of(message)]).toEqual([
      message,
      'No token of account "a": see the first error.',
    ]);
  });
});
