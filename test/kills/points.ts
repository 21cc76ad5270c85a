/** The moments at which a run is cut short: where its nth request of a kind is when that happens. */
import { chanceOf } from "../simulation/chance";
import type { Operation } from "./six-applications";

export interface Point {
  operation: Operation;
  name: string;
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Default: any request. */
  path?: string;
  /** Counted from 1, in the run that is cut short. */
  nth: number;
  /** Held before the server acts on it, or after it acted and before it answers. */
  held: "before" | "after";
  /** The answer is let go first: the provider returns, and the engine has not saved yet. */
  answered?: true;
}

const LIST = { method: "GET", path: "/api/v1/application/" } as const;
const DETAILS = { method: "GET", path: "/api/v1/application/*/" } as const;
const POST = { method: "POST", path: "/api/v1/application/" } as const;
const PATCH = { method: "PATCH", path: "/api/v1/application/*/" } as const;
const DELETE = { method: "DELETE", path: "/api/v1/application/*/" } as const;

/**
 * Lists are asked for in two ways: once before a creation (is it there already?), then while waiting. Of six new
 * applications two are created first, of a replacement one, so that the next list is one of the waiting.
 */
export const POINTS: readonly Point[] = [
  { operation: "create", name: "before the POST", ...LIST, nth: 1, held: "before" },
  { operation: "create", name: "POST sent, not carried out", ...POST, nth: 1, held: "before" },
  { operation: "create", name: "POST carried out, not answered", ...POST, nth: 1, held: "after" },
  { operation: "create", name: "202 read, waiting", ...LIST, nth: 3, held: "before" },
  { operation: "create", name: "before return", ...DETAILS, nth: 1, held: "after" },
  { operation: "create", name: "before checkpoint", ...DETAILS, nth: 1, held: "after", answered: true },
  { operation: "create", name: "in the middle: 4th POST", ...POST, nth: 4, held: "after" },
  { operation: "update", name: "PATCH sent, not carried out", ...PATCH, nth: 1, held: "before" },
  { operation: "update", name: "PATCH carried out, not answered", ...PATCH, nth: 1, held: "after" },
  { operation: "update", name: "scaling, waiting", ...LIST, nth: 1, held: "before" },
  { operation: "replace", name: "POST carried out, not answered", ...POST, nth: 1, held: "after" },
  { operation: "replace", name: "202 read, waiting", ...LIST, nth: 2, held: "before" },
  { operation: "replace", name: "DELETE carried out, not answered", ...DELETE, nth: 1, held: "after" },
  { operation: "destroy", name: "DELETE sent, not carried out", ...DELETE, nth: 1, held: "before" },
  { operation: "destroy", name: "DELETE carried out, not answered", ...DELETE, nth: 3, held: "after" },
  { operation: "destroy", name: "terminating, waiting", ...LIST, nth: 2, held: "before" },
];

/** All points and some random ones, in an order in which one often leaves what the next one needs. */
export function everyPoint(random: number, seed: number): Point[] {
  const points = [...POINTS, ...randomPoints(random, seed)];
  const of = (operation: Operation) => points.filter(point => point.operation === operation);
  const rounds = [of("create"), of("update"), of("replace"), of("destroy")];
  const longest = Math.max(...rounds.map(round => round.length));
  return Array.from({ length: longest }, (_, at) => rounds.flatMap(round => round[at] ?? [])).flat();
}

/** So many requests an undisturbed run of six applications surely makes: look, POST, GET; and GET, DELETE, GET. */
const SURELY = 18;

/** Any request of a creation or of a destruction; the same ones for a seed. */
function randomPoints(count: number, seed: number): Point[] {
  const random = chanceOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const nth = 1 + Math.floor(random() * SURELY);
    const held = random() < 0.5 ? "before" : "after";
    const operation = index % 2 === 0 ? "create" : "destroy";
    return { operation, name: `request ${nth}, held ${held}`, nth, held };
  });
}
