import fc from "fast-check";
import { stringify } from "yaml";
import { StackFileError } from "../../../provider/tutum/stack-file";
import { stackOf } from "../../../provider/tutum/stack-file/read-stack-file";

const NAMES = ["a-1", "b", "cache", "db", "web"] as const;
const NETWORKS = ["front", "back"];

/** Ways to name a service, each so that only a host can be meant. */
const WAYS: ((host: string, n: number) => object)[] = [
  (host, n) => ({ environment: { [`V${n}_HOST`]: host } }),
  (host, n) => ({ environment: { [`V${n}`]: `${host}:3306` } }),
  (host, n) => ({ environment: { [`V${n}`]: `http://${host}/path?x=y` } }),
  (host, n) => ({ environment: { [`V${n}`]: `x://user:p@ss:word@${host}:80,other.example.com/name` } }),
  (host, n) => ({ environment: { [`V${n}`]: `user:word@tcp(${host}:3306)/name` } }),
  (host, n) => ({ environment: { [`V${n}_SERVERS`]: `other.example.com:1, ${host}:11211` } }),
  (host, n) => ({ environment: { [`V${n}`]: `\${NOT_SET:-x://${host}}` } }),
  (host, n) => ({ [n % 2 ? "command" : "entrypoint"]: `run --port 80 --host ${host} --name other` }),
  (host, n) => ({ [n % 2 ? "command" : "entrypoint"]: ["sh", "-c", `wait-for ${host} && nc -z ${host} 80`] }),
];

interface Naming {
  from: number;
  to: number;
  way: number;
}

const namings = fc.array(fc.record({ from: fc.nat(4), to: fc.nat(4), way: fc.nat(WAYS.length - 1) }), {
  maxLength: 8,
});
const networks = fc.array(fc.subarray(NETWORKS), { minLength: 5, maxLength: 5 });

function services(namings: readonly Naming[], networks: readonly string[][]) {
  const made: Record<string, { environment: object; networks?: string[] }> = Object.fromEntries(
    NAMES.map((name, n) => {
      const own = networks[n] ?? [];
      return [name, { image: "x/y", environment: {}, ...(own.length > 0 && { networks: own }) }];
    }),
  );
  namings.forEach(({ from, to, way }, n) => {
    const service = made[NAMES[from] as string];
    const naming = WAYS[way]?.(NAMES[to] as string, n) as { environment?: object };
    if (service)
      Object.assign(service, naming, { environment: { ...service.environment, ...naming.environment } });
  });
  return made;
}

type Made = ReturnType<typeof services>;

/** Whether the service still says it: a later command takes the place of an earlier one. */
function says(made: Made, { from, to, way }: Naming, n: number): boolean {
  const service = made[NAMES[from] as string] as object;
  return Object.entries(WAYS[way]?.(NAMES[to] as string, n) ?? {}).every(
    ([key, value]) =>
      key === "environment" || JSON.stringify(service[key as keyof typeof service]) === JSON.stringify(value),
  );
}

const together = (one: readonly string[], other: readonly string[]) =>
  one.length === 0 && other.length === 0 ? true : one.some(network => other.includes(network));

test("every service is linked to whom it names on its networks, or it is said what is in the way", () => {
  fc.assert(
    fc.property(namings, networks, (namings, networks) => {
      const made = services(namings, networks);
      const named = namings.filter((naming, n) => naming.from !== naming.to && says(made, naming, n));
      const reached = named.filter(({ from, to }) => together(networks[from] ?? [], networks[to] ?? []));
      const yaml = stringify({ services: made, networks: { front: {}, back: {} } });
      const options = { file: "compose.yml", readText: () => undefined, env: {} };
      try {
        const { applications, warnings } = stackOf(yaml, options);
        for (const { from, to } of reached)
          expect(applications[NAMES[from] as string]?.links ?? []).toContain(NAMES[to]);
        const links = Object.values(applications).flatMap(({ links }) => links ?? []);
        expect(links).toHaveLength(new Set(reached.map(({ from, to }) => `${from} ${to}`)).size);
        for (const { from, to } of named.filter(naming => !reached.includes(naming)))
          expect(warnings.map(({ path, message }) => `${path.split(".")[1]} ${message}`)).toContain(
            `${NAMES[from]} names ${NAMES[to]}, but shares no network with it: the name leads nowhere.`,
          );
      } catch (error) {
        if (!(error instanceof StackFileError)) throw error;
        const messages = error.problems
          .filter(({ severity }) => severity === "error")
          .map(({ message }) => message);
        for (const message of messages) {
          const [, circle = ""] = /close a circle, ([\w> -]+): one has to be first/.exec(message) ?? [];
          const steps = circle.split(" -> ");
          expect(steps.length).toBeGreaterThan(2);
          // Each step of it is somewhere in the file.
          for (const [n, step] of steps.slice(1).entries())
            expect(reached).toContainEqual(
              expect.objectContaining({
                from: NAMES.indexOf(steps[n] as "db"),
                to: NAMES.indexOf(step as "db"),
              }),
            );
        }
      }
    }),
    { numRuns: 300 },
  );
});
