/** One of the places where settings may be. */
export interface Place {
  /** As messages name it: `~/.tutum (no such file)`. */
  name: string;
  /** What it holds. An empty text counts as nothing. */
  values: Readonly<Record<string, string | undefined>>;
}

/** Places in their order: each setting is looked up separately, and is taken from the first one that has it. */
export class Places {
  readonly #looks: readonly (() => Place)[];
  readonly #seen: Place[] = [];

  /** A place is looked at only when those before it had nothing, and then once. */
  constructor(looks: readonly (() => Place)[]) {
    this.#looks = looks;
  }

  find(setting: string): { value: string; place: string } | undefined {
    for (let n = 0; n < this.#looks.length; n++) {
      const { name, values } = this.#at(n);
      const value = values[setting];
      if (value) return { value, place: name };
    }
    return undefined;
  }

  /** All of them, for the message that nothing was found. */
  get names(): string {
    return this.#looks.map((_look, n) => this.#at(n).name).join(", ");
  }

  #at(n: number): Place {
    const place = this.#seen[n] ?? (this.#looks[n] as () => Place)();
    this.#seen[n] = place;
    return place;
  }
}

/** Variables of the environment, by the setting that each is. */
export function environment(env: NodeJS.ProcessEnv, variables: Readonly<Record<string, string>>): Place {
  return {
    name: Object.values(variables).join(" and "),
    values: Object.fromEntries(Object.entries(variables).map(([setting, name]) => [setting, env[name]])),
  };
}
