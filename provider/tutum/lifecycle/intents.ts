/**
 * Creations as this machine remembers them: what is about to be created is written down before the POST, with a
 * random part of the mark that goes onto the application. So the application itself proves which run made it, and
 * only what a run that was cut short left may be taken over by a later one, or removed.
 *
 * begun     the POST is about to be sent; the engine has not heard of the application
 * returned  handed to the engine, which may have been killed before it saved that
 * kept      seen in a state, or the run ended in peace
 */
export type Stage = "begun" | "returned" | "kept";

export interface Intent {
  /** Value of the application's owner variable: marker, dot, random part. */
  mark: string;
  stage: Stage;
  /** Hash of the resource's URN. */
  resource: string;
  /** Name of the application that was to be created. */
  name: string;
  account?: string;
  endpoint: string;
  userHash: string;
  /** When it was begun, ISO 8601. */
  begun: string;
}

/** Where intents of one state outlive the process. */
export interface IntentLog {
  read(): Intent[];
  /** On disk when it returns. Throws when it cannot be written. */
  write(intent: Intent): void;
  remove(mark: string): void;
}

/** The intents of a session's state. What cannot be written only means that no later run takes anything over. */
export class Intents {
  /** Of earlier runs. */
  #earlier: Map<string, Intent> | undefined;
  /** Of this run. */
  readonly #own = new Map<string, Intent>();
  #unwritable = false;

  constructor(private readonly log: IntentLog) {}

  begin(intent: Omit<Intent, "stage">, warn: (message: string) => void): void {
    const begun: Intent = { ...intent, stage: "begun" };
    this.#own.set(begun.mark, begun);
    const problem = this.#write(begun);
    if (problem === undefined || this.#unwritable) return;
    this.#unwritable = true;
    warn(
      `what is being created cannot be noted on this machine (${problem}): if this run is killed, the next one takes ` +
        "nothing over and asks instead.",
    );
  }

  /** What an earlier run began is this run's from here on. */
  takeOver(mark: string | undefined): Intent | undefined {
    const intent = mark === undefined ? undefined : this.#before.get(mark);
    if (!intent) return undefined;
    this.#before.delete(intent.mark);
    this.#own.set(intent.mark, intent);
    return intent;
  }

  /** The engine is about to hear of it. */
  returned(mark: string | undefined): void {
    const intent = mark === undefined ? undefined : this.#own.get(mark);
    if (intent) this.#move(this.#own, { ...intent, stage: "returned" });
  }

  /** A state has it. */
  seen(mark: unknown): void {
    const intent = typeof mark === "string" ? this.#before.get(mark) : undefined;
    if (intent && intent.stage !== "kept") this.#move(this.#before, { ...intent, stage: "kept" });
  }

  /** There is no such application, or not any more. */
  forget(mark: unknown): void {
    if (typeof mark !== "string" || !(this.#own.delete(mark) || this.#before.delete(mark))) return;
    this.log.remove(mark);
  }

  /** What runs that were cut short had begun for a resource, but for the application that it has. */
  leftBy(resource: unknown, own?: unknown): Intent[] {
    const cut = [...this.#before.values()].filter(({ stage }) => stage !== "kept");
    return cut.filter(intent => intent.resource === resource && intent.mark !== own);
  }

  /** The creation that left this mark, when an earlier run of this state on this machine began it. */
  find(mark: string): Intent | undefined {
    return this.#before.get(mark);
  }

  /** The run ended in peace: what was returned is in the state. */
  end(): void {
    for (const intent of this.#own.values()) {
      if (intent.stage === "returned") this.#write({ ...intent, stage: "kept" });
    }
  }

  /** Read when first asked for: most runs create nothing, and none of them must fail for a folder it cannot read. */
  get #before(): Map<string, Intent> {
    this.#earlier ??= new Map(
      this.log
        .read()
        .filter(({ mark }) => !this.#own.has(mark))
        .map(intent => [intent.mark, intent]),
    );
    return this.#earlier;
  }

  #move(where: Map<string, Intent>, intent: Intent): void {
    where.set(intent.mark, intent);
    this.#write(intent);
  }

  /** Why it could not be written. */
  #write(intent: Intent): string | undefined {
    try {
      this.log.write(intent);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** The part of a mark that is the same in every run. */
export function markerIn(mark: string): string {
  return mark.split(".")[0] ?? mark;
}
