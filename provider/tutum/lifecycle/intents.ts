/**
 * Creations as this machine remembers them: what is about to be created is written down before the POST, with a
 * random part of the mark that goes onto the application. So the application itself proves which run made it.
 *
 * begun     the POST is about to be sent, and no engine has heard of the application: no state can have it, wherever
 *           states were moved since. It may be taken over by a later run, or removed
 * returned  handed to the engine, which may have saved it: a state may have it, this one or a copy. It is only told
 * kept      seen in a state, or the run ended in peace, or it was told of
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
  /** Of the application, from when it is returned on. */
  uuid?: string;
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
  /** Whichever state it is of. */
  remove(mark: string): void;
  /** Those of these applications that are in no state of the backend for certain, once its engine is gone. */
  unsaved(uuids: string[]): string[];
}

/** The intents of a session's state. What cannot be written only means that no later run takes anything over. */
export class Intents {
  /** Of earlier runs. */
  #earlier: Map<string, Intent> | undefined;
  /** Of this run. */
  readonly #own = new Map<string, Intent>();
  #unwritable = false;
  readonly #log: IntentLog;

  constructor(log: IntentLog) {
    this.#log = log;
  }

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
  returned(mark: string | undefined, uuid: string): void {
    const intent = mark === undefined ? undefined : this.#own.get(mark);
    if (intent) this.#move(this.#own, { ...intent, stage: "returned", uuid });
  }

  /** By the user's word a state is about to have it: what is known of its creation is no evidence any more. */
  adopted(mark: string | undefined): void {
    if (mark === undefined) return;
    const intent = this.#before.get(mark);
    if (!intent) this.#log.remove(mark);
    else if (intent.stage === "begun") this.#move(this.#before, { ...intent, stage: "returned" });
  }

  /** A state has it, or the user was told of it. */
  seen(mark: unknown): void {
    const intent = typeof mark === "string" ? this.#before.get(mark) : undefined;
    if (intent && intent.stage !== "kept") this.#move(this.#before, { ...intent, stage: "kept" });
  }

  /** There is no such application, or not any more. */
  forget(mark: unknown): void {
    if (typeof mark !== "string" || !(this.#own.delete(mark) || this.#before.delete(mark))) return;
    this.#log.remove(mark);
  }

  /** What runs that were cut short had begun for a resource, and no state can have. */
  leftBy(resource: unknown, own?: unknown): Intent[] {
    return this.#in("begun", resource, own);
  }

  /** What runs had handed to the engine for a resource, and was not seen in a state: another one may have it. */
  handedOver(resource: unknown, own?: unknown): Intent[] {
    return this.#in("returned", resource, own);
  }

  /** The creation that left this mark, when an earlier run of this state on this machine began it. */
  find(mark: string): Intent | undefined {
    return this.#before.get(mark);
  }

  /** In peace: what was returned is in the state. Else what the engine has not saved by now it never will. */
  end(inPeace: boolean): void {
    const returned = [...this.#own.values()].filter(({ stage }) => stage === "returned");
    if (inPeace) for (const intent of returned) this.#write({ ...intent, stage: "kept" });
    else {
      const lost = this.#log.unsaved(returned.flatMap(({ uuid = [] }) => uuid));
      for (const intent of returned.filter(({ uuid = "" }) => lost.includes(uuid)))
        this.#write({ ...intent, stage: "begun" });
    }
  }

  #in(stage: Stage, resource: unknown, own: unknown): Intent[] {
    const before = [...this.#before.values()].filter(intent => intent.stage === stage);
    return before.filter(intent => intent.resource === resource && intent.mark !== own);
  }

  /** Read when first asked for: most runs create nothing, and none of them must fail for a folder it cannot read. */
  get #before(): Map<string, Intent> {
    this.#earlier ??= new Map(
      this.#log
        .read()
        .filter(({ mark }) => !this.#own.has(mark))
        .map(intent => [intent.mark, intent]),
    );
    return this.#earlier;
  }

  /** What cannot be written down must not be taken for what it was before. */
  #move(where: Map<string, Intent>, intent: Intent): void {
    where.set(intent.mark, intent);
    if (this.#write(intent) !== undefined) this.#log.remove(intent.mark);
  }

  /** Why it could not be written. */
  #write(intent: Intent): string | undefined {
    try {
      this.#log.write(intent);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
