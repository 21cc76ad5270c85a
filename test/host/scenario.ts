/** What happens to a stack in one run, as data: generated, printed, and played by real processes. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { FaultRule } from "../../server/index";
import type { Declaration } from "./stack";

export type Program = readonly Declaration[];

const APPLICATION = "/api/v1/application/*";
/** What a request asks for. */
export const REQUESTS = {
  create: { method: "POST", path: "/api/v1/application" },
  list: { method: "GET", path: "/api/v1/application" },
  read: { method: "GET", path: APPLICATION },
  update: { method: "PATCH", path: APPLICATION },
  terminate: { method: "DELETE", path: APPLICATION },
  act: { method: "POST", path: `${APPLICATION}/*` },
} as const;

/** After these the provider knows whether the request was carried out, or finds out by itself at once. */
const FAULTS = {
  "connection refused by a limit": { answer: { status: 429, retryAfter: 0 } },
  "answer lost": { drop: "after" },
  "answer cut off": { cut: 20 },
  "not authorized": { answer: { status: 401 } },
  "refused as senseless": { answer: { status: 400, body: { error: "not now" } } },
  "carried out, 500": { answer: { status: 500, when: "after" } },
  "carried out, page of a proxy": { answer: { status: 502, html: true, when: "after" } },
  "carried out, 503": { answer: { status: 503, retryAfter: 1, when: "after" } },
  "carried out, 504": { answer: { status: 504, when: "after" } },
  "carried out, no JSON": { answer: { status: 200, body: "<html>", when: "after" } },
  "a second late": { latency: 1_000 },
} as const satisfies Record<string, FaultRule>;

/** After these nothing was done: of a creation the provider is sure only after a minute. */
const NEVER_ARRIVED = {
  "never arrived": { drop: "before" },
  "500, not carried out": { answer: { status: 500 } },
  "page of a proxy, not carried out": { answer: { status: 502, html: true } },
  "503, not carried out": { answer: { status: 503, retryAfter: 1 } },
} as const satisfies Record<string, FaultRule>;

const RULES: Record<string, FaultRule> = { ...FAULTS, ...NEVER_ARRIVED };

/** While the request is held, before or after it is carried out. */
const ENDS = ["killed before", "killed after", "cancelled before", "cancelled after"] as const;

/** At the nth request of a kind in the run. */
export interface Incident {
  on: keyof typeof REQUESTS;
  nth: number;
  what: string;
}

export interface Scenario {
  /** In force when the run begins. */
  before: Program;
  /** What the run is to bring about. */
  after: Program;
  incident: Incident;
  /** Somebody else's application of the same name as the first one declared. */
  namesake: boolean;
}

/** The rule of the server; what ends the run holds the request. */
export function ruleOf({ on, what }: Incident): FaultRule {
  const request = REQUESTS[on];
  if (!isEnd(what)) return { ...request, ...RULES[what], times: 1 };
  return { ...request, hold: what.endsWith("before") ? "before" : "after", times: 1 };
}

export function isEnd(what: string): what is (typeof ENDS)[number] {
  return (ENDS as readonly string[]).includes(what);
}

const NAMES = ["db", "api", "web"];

/** Mostly the first value. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const args = fc.record({
  image: mostly("tutum/hello-world", "tutum/nginx"),
  targetNumContainers: mostly<number | undefined>(undefined, 2, 3),
  containerEnvvars: mostly<Record<string, string> | undefined>(undefined, { PASSWORD: "canary-secret" }),
  autorestart: mostly<string | undefined>(undefined, "ALWAYS"),
  webPublicDns: mostly<string | undefined>(undefined, "www.example.com"),
  running: mostly<boolean | undefined>(undefined, false),
});

/** One to three applications; each links to some of those before it. */
const program: fc.Arbitrary<Program> = fc
  .tuple(
    ...NAMES.map((name, index) =>
      fc.record({
        present: index === 0 ? fc.constant(true) : fc.boolean(),
        declaration: fc.record({
          name: fc.constant(name),
          args,
          links: index === 0 ? fc.constant<string[]>([]) : fc.subarray(NAMES.slice(0, index)),
        }),
      }),
    ),
  )
  .map(all => {
    const declared = all.filter(({ present }) => present).map(({ declaration }) => declaration);
    const names = declared.map(({ name }) => name);
    return declared.map(one => ({
      ...one,
      args: Object.fromEntries(Object.entries(one.args).filter(([, value]) => value !== undefined)),
      links: one.links.filter(name => names.includes(name)),
    }));
  });

/** The requests that a run from one program to the other surely makes. */
function requestsBetween(before: Program, after: Program): Incident["on"][] {
  const pairs = after.map(one => ({ one, old: before.find(({ name }) => name === one.name) }));
  const differs = (keys: string[]) =>
    pairs.some(({ one, old }) => old && keys.some(key => !isDeepStrictEqual(one.args[key], old.args[key])));
  const isAnew = ({ one, old }: (typeof pairs)[number]) =>
    !old ||
    !isDeepStrictEqual(one.links, old.links) ||
    ["image", "containerEnvvars"].some(key => !isDeepStrictEqual(one.args[key], old.args[key]));
  const anew = pairs.filter(isAnew);
  const removed = before.some(({ name }) => !after.some(one => one.name === name));
  const found: Incident["on"][] = [];
  if (anew.length > 0) found.push("create", "create", "list", "read");
  if (removed || anew.some(({ old }) => old)) found.push("terminate", "terminate", "list", "read");
  if (differs(["targetNumContainers", "autorestart", "webPublicDns"])) found.push("update", "update");
  if (differs(["running"]) || anew.some(({ one }) => one.args.running === false)) found.push("act");
  return found.length > 0 ? found : ["read"];
}

/** What the provider has an answer to within the run, or in the next one. */
function incident(before: Program, after: Program): fc.Arbitrary<Incident> {
  return fc
    .record({
      on: fc.constantFrom(...requestsBetween(before, after)),
      nth: fc.oneof(
        { weight: 4, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 3 }) },
      ),
      what: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...Object.keys(FAULTS)) },
        { weight: 1, arbitrary: fc.constantFrom(...Object.keys(NEVER_ARRIVED)) },
        { weight: 2, arbitrary: fc.constantFrom<string>(...ENDS) },
      ),
    })
    .filter(({ on, what }) => on !== "create" || !(what in NEVER_ARRIVED));
}

export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    before: fc.oneof({ weight: 2, arbitrary: fc.constant<Program>([]) }, { weight: 3, arbitrary: program }),
    after: fc.oneof({ weight: 5, arbitrary: program }, { weight: 1, arbitrary: fc.constant<Program>([]) }),
    namesake: fc.boolean(),
  })
  .chain(one => incident(one.before, one.after).map(happens => ({ ...one, incident: happens })));

/** The life of a stack: each scenario begins with what the one before it brought about. */
export function life(length: number): fc.Arbitrary<Scenario[]> {
  return fc.array(program, { minLength: length, maxLength: length }).chain(programs =>
    fc.tuple(
      ...programs.map((after, index) => {
        const before = programs[index - 1] ?? [];
        return incident(before, after).map(happens => ({
          before,
          after,
          incident: happens,
          namesake: false,
        }));
      }),
    ),
  );
}

/** A creation that did not arrive, in each way. */
export const unarrived: Scenario[] = Object.keys(NEVER_ARRIVED).map((what, index) => ({
  before: [],
  after: [
    { name: "db", args: { image: "tutum/hello-world" }, links: [] },
    { name: "web", args: { image: "tutum/nginx" }, links: ["db"] },
  ],
  incident: { on: "create", nth: 1 + (index % 2), what },
  namesake: index % 2 === 0,
}));

export function described({ before, after, incident: { on, nth: at, what }, namesake }: Scenario): string {
  return [
    `${told(before)} => ${told(after)}`,
    `${what}, at ${on} ${at}`,
    ...(namesake ? ["with a namesake"] : []),
  ].join("; ");
}

function told(declared: Program): string {
  const one = ({ name, args: given, links }: Declaration) =>
    `${name} ${JSON.stringify(given)}${links.length > 0 ? ` -> ${links.join(", ")}` : ""}`;
  return declared.length === 0 ? "nothing" : declared.map(one).join(" + ");
}
