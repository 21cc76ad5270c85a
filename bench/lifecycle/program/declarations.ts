/** What every contender declares: read from the environment, so that all declare the same. */
export interface Declaration {
  name: string;
  image: string;
  containers: number;
  port: number;
  environment: Record<string, string>;
  /** Names of earlier declarations. */
  links: string[];
}

type Shape = "independent" | "chain" | "star" | "tiers";

const { BENCH_N = "1", BENCH_SHAPE = "independent", BENCH_CONTAINERS = "1" } = process.env;

/** `app-0` has as many containers as `BENCH_CONTAINERS` says: changing that is one PATCH among them. */
export const declarations: Declaration[] = Array.from({ length: Number(BENCH_N) }, (_, index) => ({
  name: `app-${index}`,
  image: "tutum/hello-world",
  containers: index === 0 ? Number(BENCH_CONTAINERS) : 1,
  port: 80,
  environment: { NUMBER: String(index), MODE: "production", LOG_LEVEL: "info" },
  links: linksOf(BENCH_SHAPE as Shape, index, Number(BENCH_N)).map(target => `app-${target}`),
}));

function linksOf(shape: Shape, index: number, n: number): number[] {
  if (index === 0) return [];
  if (shape === "chain") return [index - 1];
  if (shape === "star") return [0];
  // A tenth are databases; each of the next half is linked to one of them, each of the others to one of those.
  if (shape === "tiers") {
    const [databases, services] = [Math.ceil(n / 10), Math.ceil(n / 2)];
    if (index < databases) return [];
    return index < services ? [index % databases] : [databases + (index % Math.max(1, services - databases))];
  }
  return [];
}
