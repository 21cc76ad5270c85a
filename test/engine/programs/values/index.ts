import { TutumApplication } from "pulumi-tutum";

/** What JavaScript can say and the engine's wire cannot, or not well. */
const values: Record<string, unknown> = {
  undefined: undefined,
  "undefined within": { a: undefined },
  null: null,
  date: new Date(0),
  function: () => 1,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  "a huge number": 1e300,
  bigint: 10n,
  "a lone surrogate": "a\ud800b",
  "a NUL": "a\u0000b",
  map: new Map([["a", 1]]),
};

const { PLACE = "", VALUES = "[]" } = process.env;
const chosen = (JSON.parse(VALUES) as string[]).map(name => values[name]);
const image = "tutum/hello-world";
if (PLACE === "triggers") {
  for (const [n, value] of chosen.entries()) new TutumApplication(`web${n}`, { image, triggers: [value] });
} else {
  const variables = Object.fromEntries(chosen.map((value, n) => [`V${n}`, value as string]));
  new TutumApplication("web", {
    image,
    ...(PLACE === "containerEnvvars"
      ? { containerEnvvars: variables }
      : { targetNumContainers: chosen[0] as number }),
  });
}
