import { isOn } from "../../provider/settings/switch";
import { resolveEndpoint } from "../../provider/tutum/client/endpoint";
import { check } from "../../provider/tutum/lifecycle/check";
import { contextWith } from "../tutum/lifecycle/operation";

const inputs = { image: "tutum/hello-world", name: "web" };

test.each([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
  ["", false],
  [undefined, false],
])("a switch that is %p is %p", (text, on) => {
  expect(isOn("X", text)).toBe(on);
});

describe.each(["True", "yes", "on", "TRUE", " true", "ture", "constructor"])("a switch that is %p", text => {
  test("is an error of its own", () => {
    expect(() => isOn("X", text)).toThrow(`X must be true or false, not ${JSON.stringify(text)}.`);
  });

  test("lets no application without an account pass, nor one with", () => {
    const context = contextWith(key => (key === "tutum:accountRequired" ? text : undefined));
    for (const account of [undefined, "staging"])
      expect(check(context, {}, { ...inputs, account }).failures.map(({ reason }) => reason)).toEqual([
        `account cannot be checked: Stack config tutum:accountRequired must be true or false, not ${JSON.stringify(text)}.`,
      ]);
  });

  test("is refused for plain http, also where that is no question", () => {
    for (const endpoint of ["http://tutum.example.com", "https://tutum.example.com", "http://127.0.0.1"])
      expect(() => resolveEndpoint({ endpoint, env: { TUTUM_ALLOW_INSECURE: text } })).toThrow(
        "TUTUM_ALLOW_INSECURE must be true or false",
      );
  });
});

test("an account of nearly the name of one is refused, by its name; of another name nothing is known", () => {
  const accounts = JSON.stringify({ staging: { user: "me" }, prod: {} });
  const context = contextWith(key => (key === "tutum:accounts" ? accounts : undefined));
  const reasons = (given: object) =>
    check(context, {}, { ...inputs, ...given }).failures.map(({ reason }) => reason);
  expect(reasons({ account: "stagng" })).toEqual([
    'account "stagng" is neither in stack config tutum:accounts nor in ~/.tutum; did you mean "staging"?',
  ]);
  expect(reasons({ account: "staging" })).toEqual([]);
  expect(reasons({ account: "elsewhere" })).toEqual([]);
});
