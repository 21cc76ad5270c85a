/** What happens in one simulation, as data: generated, shrunk and printed. */
import fc from "fast-check";
import type { Declaration, Program } from "./engine";

export const REQUESTS = [
  "create",
  "read",
  "list",
  "update",
  "terminate",
  "start",
  "stop",
  "containers",
] as const;
/** What a request asks for. */
export type RequestKind = (typeof REQUESTS)[number] | "logs" | "other";

export const FAULTS = [
  "refused",
  "reset",
  "lost",
  "cut",
  "hang",
  "hang-applied",
  "late",
  "reset-late",
  "429",
  "429-retry-after",
  "500",
  "500-applied",
  "502-html",
  "503-retry-after",
  "504-applied",
  "401",
  "revoked",
  "404",
  "400-busy",
  "stale",
  "html",
  "html-applied",
  "empty-object",
  "empty-object-applied",
  "other",
  "other-applied",
  "types",
  "types-applied",
  "proto",
  "redirect",
  "redirect-applied",
  "doubled",
  "doubled-second",
  "outage-30s",
  "outage-700s",
  "cancel",
  "kill-before",
  "kill-applied",
  "kill-answered",
  "kill-unsaved",
  "kill-engine-unsaved",
  "crash-before",
  "crash-applied",
  "crash-answered",
  "power-before",
  "power-applied",
  "power-answered",
] as const;
export type Fault = (typeof FAULTS)[number];

export const ACTS = [
  "scale",
  "stop",
  "start",
  "terminate",
  "redeploy",
  "domain",
  "namesake",
  "twin-stack",
  "second-up",
  "second-destroy",
] as const;
/** What can only happen while no run is under way: the state goes to the second backend, and the stack is made anew. */
const MOVE = "move";
/**
 * Somebody else acts: on the application of this name, by making another one, or with a second state of the same
 * identity.
 */
export interface Act {
  act: (typeof ACTS)[number] | typeof MOVE;
  name: string;
}

/** At the nth request of a kind in a run. */
export interface Incident {
  on: RequestKind | "any";
  nth: number;
  what: Fault | Act;
}

export interface Round {
  command: "up" | "refresh" | "up --refresh";
  /** What the program declares; after a run that failed, nothing that it declared is left out. */
  program: Program;
  before: Act[];
  incidents: Incident[];
  /** Seconds until the next run: longer than anything can be on its way. */
  pause: number;
}

export interface Schedule {
  /** Decides what is left to chance: latencies, jitter, uuids, what a torn write leaves. */
  seed: number;
  /** Whether the stack has an identity of its own (`tutum:owner`). */
  identity: boolean;
  /** Whether the second state is another backend on the same machine. */
  sameMachine: boolean;
  /** Whether the server knows `Idempotency-Key`, as the old Tutum did not. */
  keys: boolean;
  parallel: number;
  rounds: Round[];
  /** Whether state is refreshed before the last ups, as it must be when others have acted. */
  refresh: boolean;
}

export const NAMES = ["db", "cache", "api", "web", "jobs"];

/** Mostly the first value. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 3, arbitrary: fc.constantFrom(...others) },
  );

/** What can be changed in place. */
const mutable = {
  targetNumContainers: mostly<number | undefined>(undefined, 2, 3),
  autorestart: mostly<string | undefined>(undefined, "ALWAYS"),
  webPublicDns: mostly<string | undefined>(undefined, "www.example.com"),
  running: mostly<boolean | undefined>(undefined, false),
};
const immutable = {
  image: mostly("tutum/hello-world", "tutum/nginx", "tutum/lamp:2"),
  containerSize: mostly<string | undefined>(undefined, "M"),
  containerEnvvars: mostly<Record<string, string> | undefined>(
    undefined,
    { PASSWORD: "canary-secret-1" },
    { PASSWORD: "canary-secret-2", MODE: "canary-secret-3" },
  ),
  triggers: mostly<number[] | undefined>(undefined, [1], [2]),
};

const linksTo = (index: number) =>
  index > 0
    ? fc.subarray(NAMES.slice(0, index), { maxLength: Math.min(2, index) })
    : fc.constant<string[]>([]);

function declaration(index: number): fc.Arbitrary<Declaration> {
  return fc.record({
    name: fc.constant(NAMES[index] as string),
    args: fc.record({ ...immutable, ...mutable }),
    links: linksTo(index),
    deleteBeforeReplace: mostly(false, true),
  });
}

/** What becomes of a declaration in the next version of the program. */
type Edit = "keep" | "remove" | "back" | { change: Record<string, unknown> } | { anew: Declaration };

function edit(index: number): fc.Arbitrary<Edit> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant("keep" as const) },
    { weight: 1, arbitrary: fc.constant("remove" as const) },
    { weight: 1, arbitrary: fc.constant("back" as const) },
    { weight: 4, arbitrary: fc.record({ change: fc.record(mutable) }) },
    { weight: 3, arbitrary: fc.record({ anew: declaration(index) }) },
  );
}

const edits = fc.tuple(...NAMES.map((_name, index) => edit(index)));

/** Some of five applications, linked without circles. */
const beginning = fc.tuple(
  ...NAMES.map((_name, index) => fc.option(declaration(index), { freq: index < 2 ? 4 : 1, nil: undefined })),
);

type Declarations = (Declaration | undefined)[];

/** `history`: the versions of the program so far, the newest first. */
function edited([before = [], earlier = before]: Declarations[], changes: Edit[]): Declarations {
  return changes.map((one, index) => {
    const old = before[index];
    if (one === "keep") return old;
    if (one === "back") return earlier[index];
    if (one === "remove") return undefined;
    if ("anew" in one) return one.anew;
    return old && { ...old, args: { ...old.args, ...one.change } };
  });
}

/** What is given, with links to what is there. */
function programOf(declarations: Declarations): Program {
  const declared = declarations.filter(one => one !== undefined);
  const names = declared.map(({ name }) => name);
  return declared.map(one => ({
    ...one,
    args: Object.fromEntries(Object.entries(one.args).filter(([, value]) => value !== undefined)),
    links: one.links.filter(name => names.includes(name)),
  }));
}

const act: fc.Arbitrary<Act> = fc.record({ act: fc.constantFrom(...ACTS), name: fc.constantFrom(...NAMES) });

const fault: fc.Arbitrary<Fault> = fc.constantFrom(...FAULTS);

const incident: fc.Arbitrary<Incident> = fc.record({
  on: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom<RequestKind>("create", "create", "terminate", "update", "list", "read"),
    },
    { weight: 2, arbitrary: fc.constantFrom<RequestKind>(...REQUESTS) },
    { weight: 1, arbitrary: fc.constant("any" as const) },
  ),
  nth: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 3, arbitrary: fc.integer({ min: 2, max: 3 }) },
    { weight: 2, arbitrary: fc.integer({ min: 4, max: 25 }) },
  ),
  what: fc.oneof<fc.Arbitrary<Fault | Act>[]>(
    { weight: 9, arbitrary: fault } as never,
    { weight: 1, arbitrary: act } as never,
  ),
});

const round: fc.Arbitrary<Omit<Round, "program"> & { edits: Edit[]; reverted: boolean }> = fc.record({
  command: fc.constantFrom("up", "up", "up", "up", "up --refresh", "refresh"),
  edits,
  /** The whole program is taken back to what it was before its last change. */
  reverted: fc.oneof(
    { weight: 6, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  before: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Act[]>([]) },
    { weight: 1, arbitrary: fc.array(act, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constant<Act[]>([{ act: MOVE, name: "" }]) },
  ),
  incidents: fc.array(incident, { maxLength: 5, size: "max" }),
  pause: fc.constantFrom(130, 400),
});

/** A replacement that is killed once its application exists, and the change taken back: all by chance it is too rare. */
const takenBack = fc.oneof(
  { weight: 19, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      which: fc.nat({ max: NAMES.length - 1 }),
      what: fc.constantFrom<Fault>("kill-applied", "kill-answered", "kill-unsaved", "kill-engine-unsaved"),
    }),
  },
);

/** Two more rounds after these: the change that is cut short, then the program as it was. */
function cutShort(program: Program, which: number, what: Fault): Round[] {
  const changed = program[which % program.length]?.name;
  const triggered = program.map(one =>
    one.name === changed
      ? { ...one, args: { ...one.args, triggers: ["cut short"] }, deleteBeforeReplace: false }
      : one,
  );
  const up = { command: "up" as const, before: [], pause: 130 };
  return [
    { ...up, program: triggered, incidents: [{ on: "create", nth: 1, what }] },
    { ...up, program, incidents: [] },
  ];
}

export const schedule: fc.Arbitrary<Schedule> = fc
  .record({
    seed: fc.nat(),
    identity: mostly(true, true, false),
    sameMachine: fc.boolean(),
    keys: fc.boolean(),
    parallel: fc.constantFrom(8, 2, 1),
    beginning,
    rounds: fc.array(round, { minLength: 1, maxLength: 4, size: "max" }),
    refresh: fc.boolean(),
    /** The last to be drawn: a seed's other schedules stay what they were. */
    takenBack,
  })
  .map(({ beginning: first, rounds, takenBack: cut, ...one }): Schedule => {
    let history: Declarations[] = [first];
    const resolved = rounds.map(({ edits: made, reverted, ...rest }, index) => {
      const changes = reverted ? made.map((): Edit => "back") : made;
      if (index > 0 && rest.command !== "refresh") history = [edited(history, changes), ...history];
      const next = { ...rest, program: programOf(history[0] ?? first) };
      return one.identity ? next : withoutKills(next);
    });
    const last = resolved.at(-1)?.program ?? [];
    const more = cut && one.identity ? cutShort(last, cut.which, cut.what) : [];
    return { ...one, rounds: [...resolved, ...more] };
  });

/** Without an identity of the stack a killed creation is nobody's: nothing is promised then. */
function withoutKills(one: Round): Round {
  const isKill = ({ what }: Incident) => typeof what === "string" && what.startsWith("kill");
  return { ...one, incidents: one.incidents.filter(incident => !isKill(incident)) };
}

/** As it is printed: a line for each thing that happens. */
export function describe(one: Schedule): string {
  const lines = one.rounds.flatMap(({ command, program: declared, before, incidents, pause }) => [
    ...before.map(shownAct),
    `pulumi ${command}`,
    ...(command === "refresh" ? [] : declared.map(shown)),
    ...incidents.map(({ on, nth, what }) => {
      const happens = typeof what === "string" ? what : shownAct(what);
      return `    at ${on === "any" ? "request" : on} ${nth}: ${happens}`;
    }),
    `  ${pause} s pass`,
  ]);
  const set = [
    `seed ${one.seed}`,
    `${one.identity ? "with" : "without"} an identity`,
    ...(one.sameMachine ? ["a second state on the same machine"] : []),
    ...(one.keys ? ["a server that knows Idempotency-Key"] : []),
    `${one.parallel} at a time`,
    ...(one.refresh ? ["refreshed in the end"] : []),
  ];
  return [set.join(", "), ...lines].join("\n");
}

export function shownAct({ act: doing, name }: Act): string {
  if (doing === MOVE) return "the state moves to the second backend: export, import, stack rm, stack init";
  if (doing.startsWith("second-")) return `the second state: pulumi ${doing.slice("second-".length)}`;
  return `somebody else: ${doing} ${name}`;
}

function shown({ name, args: given, links, deleteBeforeReplace }: Declaration): string {
  const parts = [
    JSON.stringify(given),
    ...(links.length > 0 ? [`-> ${links.join(", ")}`] : []),
    ...(deleteBeforeReplace ? ["(deleteBeforeReplace)"] : []),
  ];
  return `    ${name} ${parts.join(" ")}`;
}
