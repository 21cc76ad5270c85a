import * as pulumi from "@pulumi/pulumi";
import type { Field } from "../../provider/resource/table/field";
import { TutumApplication, type TutumApplicationArgs } from "../../provider/tutum/application";
import { application } from "../../provider/tutum/lifecycle";
import { applicationFields } from "../../provider/tutum/lifecycle/fields";

const CANARY = "Canary-4711-x";
const DIGITS = 471_147_114_711;

/** Values of which none suits any field, each with a canary in it. */
const WRONG: Record<string, unknown> = {
  "a text": `${CANARY} !`,
  "a text with NUL": `${CANARY}\0`,
  "a long text": CANARY.repeat(3_000),
  "a number": DIGITS,
  "a list": [CANARY, DIGITS],
  "an object": { value: CANARY },
  "an object with it as a name": { [CANARY]: "x" },
  "a list of the API's form": [{ key: "PASSWORD", value: CANARY, [CANARY]: DIGITS }],
  "JSON that nobody parsed": JSON.stringify({ PASSWORD: CANARY }),
};

const { secret } = pulumi;
/** Where in an argument the secret is. */
const FORMS: Record<string, (value: unknown) => unknown> = {
  "the argument": secret,
  "the argument, out of an apply": value => secret(CANARY).apply(() => value),
  "one of the names": value => ({ PLAIN: 1, constructor: "x", SECRET: secret(value) }),
  "one of the names, among good ones": value => ({ PLAIN: "1", SECRET: secret(value) }),
  "deep in a name": value => ({ PLAIN: { inner: [secret(value)] } }),
  "an element of a list": value => [secret(value), "plain"],
  "a property of an element": value => [{ application: secret(value), innerPort: secret(value), name: 7 }],
  "a value of the API's form": value => [{ key: "PASSWORD", value: secret(value) }],
  "all of it, a record": value => secret({ [CANARY]: value }),
  "all of it, a list": value => secret([value]),
};

const NAMES = [
  ...Object.entries<Field<never>>(applicationFields).flatMap(([name, { internal }]) =>
    internal ? [] : [name],
  ),
  "passwort",
];

/** What the engine hands to the provider: it has taken the marks of secrets off. */
let handedOver: Record<string, unknown> = {};
beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => {
      handedOver = unmarked(inputs) as Record<string, unknown>;
      return { id: name, state: {} };
    },
    call: () => ({}),
  }),
);

const failuresOf = async (args: Record<string, unknown>) => {
  const given = { image: "tutum/hello-world", ...args } as unknown as TutumApplicationArgs;
  const declared = new TutumApplication("web", given);
  await new Promise(resolve => declared.urn.apply(resolve));
  const { failures = [] } = await (application as Required<pulumi.dynamic.ResourceProvider>).check(
    {},
    handedOver,
  );
  return failures;
};

/** All that the engine makes of a failure: it adds the value of a property that is a key of the inputs. */
const printed = ({ property, reason }: pulumi.dynamic.CheckFailure) =>
  `${property} ${JSON.stringify(handedOver[property])} ${reason}`;

test.each(NAMES)(
  "a secret %s that is refused is in nothing that is printed, whatever its form",
  async name => {
    let refused = 0;
    for (const [form, put] of Object.entries(FORMS)) {
      for (const [wrong, value] of Object.entries(WRONG)) {
        const failures = await failuresOf({ [name]: put(value) });
        refused += failures.length;
        const text = failures.map(printed).join("\n");
        expect([form, wrong, text.includes(CANARY) || text.includes(String(DIGITS)) ? text : ""]).toEqual([
          form,
          wrong,
          "",
        ]);
      }
    }
    expect(refused).toBeGreaterThan(name === "triggers" ? 30 : 40);
  },
);

test("of a secret in a list it is told where it is, and nothing that the program made up", async () => {
  const failures = await failuresOf({
    containerPorts: [
      { innerPort: 80 },
      { innerPort: secret(CANARY) },
      secret({ innerPort: 80, [CANARY]: 1 }),
    ],
    linkedToApplication: secret([{ application: CANARY }]),
    containerEnvvars: secret({ [CANARY]: 1 }),
  });
  expect(failures.map(({ reason }) => reason)).toEqual([
    "containerPorts[1].innerPort must be a whole number from 1 to 65535",
    "containerPorts[2] has a property that is none of innerPort, protocol",
    "containerEnvvars must be a string, not a number",
    "linkedToApplication[0].application must be an application, or the uuid or resource URI of one",
  ]);
});

test("what is no secret is shown, also beside one", async () => {
  const failures = await failuresOf({
    containerSize: "xs",
    containerEnvvars: { PORT: 80, PASSWORD: secret(7) },
    autorestart: secret("always"),
  });
  expect(failures.map(({ reason }) => reason)).toEqual([
    'containerSize must be one of XS, S, M, L, XL, not "xs"; did you mean "XS"?',
    "containerEnvvars.PASSWORD must be a string, not a number",
    "containerEnvvars.PORT must be a string, not a number",
    "autorestart must be one of OFF, ON_FAILURE, ALWAYS",
  ]);
});

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (value === null || typeof value !== "object") return value;
  if ("4dabf18193072939515e22adb298388d" in value && "value" in value) return unmarked(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmarked(item)]));
}
