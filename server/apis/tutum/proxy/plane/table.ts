/** The routes in force, with what is known of each container: changes count for the next request. */
import { inCharge, inTurn, type Standing } from "./choice";
import type { Address, Claim, Route } from "./routes";

export interface Target extends Address {
  application: string;
  /** A name by which it is asked. */
  name: string;
  standing: Standing;
}

export class Table {
  private readonly claims = new Map<string, Claim<Target>[]>();
  private readonly turns = new Map<string, number>();

  /** `came` hears of containers that nobody knows yet, `left` of those that nobody asks any more. */
  constructor(
    private readonly came: (target: Target) => void,
    private readonly left: (target: Target) => void,
  ) {}

  /** All there is from now on. */
  replace(routes: readonly Route[]): void {
    const hosts = new Set(routes.map(([host]) => host));
    const gone = [...this.claims.keys()].filter(host => !hosts.has(host));
    this.change([...gone.map((host): Route => [host, []]), ...routes]);
  }

  change(routes: readonly Route[]): void {
    const before = new Map(routes.flatMap(([host]) => this.at(host)).map(target => [keyOf(target), target]));
    const after = new Set<string>();
    const isServed = (application: string) =>
      [...before.values()].some(
        target => target.application === application && target.standing === "answers",
      );
    const newcomers: Target[] = [];
    for (const [host, claims] of routes) {
      const targets = claims.map(({ application, addresses }) => {
        const standing: Standing = isServed(application) ? "new" : "untried";
        return {
          application,
          addresses: addresses.map(address => {
            const fresh = { ...address, application, name: host, standing } satisfies Target;
            const known = before.get(keyOf(fresh));
            after.add(keyOf(fresh));
            if (!known) newcomers.push(fresh);
            return known ?? fresh;
          }),
        };
      });
      if (targets.length > 0) this.claims.set(host, targets);
      else this.claims.delete(host);
      const applications = new Set(claims.map(({ application }) => application));
      for (const { application } of before.values())
        if (!applications.has(application)) this.turns.delete(application);
    }
    for (const [key, target] of before) if (!after.has(key)) this.left(target);
    for (const target of newcomers) this.came(target);
  }

  /** As they were told. */
  routes(): Route[] {
    return [...this.claims].map(([host, claims]) => [
      host,
      claims.map(({ application, addresses }) => ({
        application,
        addresses: addresses.map(({ host, port }) => ({ host, port })),
      })),
    ]);
  }

  /**
   * Whom to ask, in order: the containers of the application in charge, then those of others that answer. Empty when
   * nothing runs, undefined when nobody claims the name.
   */
  targets(host: string): Target[] | undefined {
    const claim = inCharge(this.claims.get(host) ?? [], standingOf);
    if (!claim) return undefined;
    const { application, addresses } = claim;
    const turn = this.turns.get(application) ?? 0;
    this.turns.set(application, turn + 1);
    const others = this.at(host).filter(
      target => target.application !== application && target.standing === "answers",
    );
    return [...inTurn(addresses, turn, standingOf), ...others];
  }

  /** Whether another container would answer in its place. */
  isReplaceable(target: Target): boolean {
    return this.at(target.name).some(other => other !== target && other.standing === "answers");
  }

  private at(host: string): Target[] {
    return (this.claims.get(host) ?? []).flatMap(({ addresses }) => addresses);
  }
}

function standingOf({ standing }: Target): Standing {
  return standing;
}

function keyOf({ application, host, port }: Target): string {
  return `${application} ${host} ${port}`;
}
