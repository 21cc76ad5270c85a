/** One test for each point and kind; a table of what it took, when they are done. */
import { until } from "../until";
import { KINDS, type Kind } from "./kinds";
import { everyPoint, type Point } from "./points";
import { type Recovery, SixApplications } from "./six-applications";

/** A run may have to make sure for a minute that a creation did not arrive. */
const PATIENCE = 180_000;

interface Row {
  kind: Kind;
  point: Point;
  recovery?: Recovery;
}

/** The engine saves the state at the end of a run only: what a killed run did is in no state at all. */
export const FEWER_CHECKPOINTS = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** At every point and at `KILLS_RANDOM` (default: 4) random ones, the same for a `KILLS_SEED`. */
export function killEverywhere(kind: Kind, env: Record<string, string> = {}): void {
  const { KILLS_RANDOM: random = "4", KILLS_SEED: seed = String(Date.now() % 1_000_000) } = process.env;
  describe(`${kind}, KILLS_SEED=${seed}`, () => {
    killRuns(
      everyPoint(Number(random), Number(seed)).map(point => ({ kind, point })),
      env,
    );
  });
}

/** The points in an order in which one leaves what the next one needs; `env` is that of all runs of Pulumi. */
export function killRuns(runs: { kind: Kind; point: Point }[], env: Record<string, string> = {}): void {
  let six: SixApplications | undefined;
  const rows: Row[] = [];

  afterAll(async () => {
    await six?.dispose();
    process.stdout.write(`${table(rows)}\n`);
  });

  test.each(runs.map(run => ({ ...run, title: `${run.kind}, ${run.point.operation}: ${run.point.name}` })))(
    "$title",
    async ({ kind, point }) => {
      const row: Row = { kind, point };
      rows.push(row);
      const world = six ?? (await SixApplications.start(env));
      // Kept for the next one only when this one leaves everything in order.
      six = undefined;
      try {
        await world.prepare(point.operation);
        const before = await world.stack.ids();
        await cutShort(world, kind, point);
        if (env === FEWER_CHECKPOINTS && kind === "SIGKILL of the CLI")
          expect(await world.stack.ids()).toEqual(before);
        const recovery = await world.goOn();
        expect(await world.differences()).toEqual([]);
        row.recovery = recovery;
        six = world;
      } finally {
        if (!six) await world.dispose();
      }
    },
    PATIENCE,
  );
}

async function cutShort(six: SixApplications, kind: Kind, point: Point): Promise<void> {
  const { stack, server } = six;
  const { method, path = "/api/**", nth, held } = point;
  if (nth > 1) await server.addFault({ method, path, times: nth - 1 });
  await server.addFault({ method, path, hold: held, times: 1 });
  const run = six.begin(point.operation);
  await until(async () => (await server.held()) > 0, "the run comes to its point");
  const letGo = () => server.letGo();
  if (point.answered) await letGo();
  await KINDS[kind]({ six, run, letGo });
  if (stack.providerHosts().length > 0) await six.providersEnd();
}

function table(rows: Row[]): string {
  const lines = rows.map(({ kind, point, recovery }) => [
    kind,
    `${point.operation}: ${point.name}`,
    recovery?.steps.join(", ") ?? "",
    String(recovery?.ups ?? ""),
    String(recovery?.requests ?? ""),
    recovery ? "ok" : "FAILED",
  ]);
  const all = [["killed", "at", "then", "runs to converge", "requests", ""], ...lines];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map(line => line[column]?.length ?? 0)));
  return all.map(line => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")).join("\n");
}
