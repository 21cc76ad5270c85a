/**
 * Pulumi's engine as far as providers feel it: check, diff, then same, update, create or replace (in both orders) in
 * dependency order with some parallelism, deletions last; a checkpoint after every step; refresh, preview, destroy.
 * Written after pkg/resource/deploy of Pulumi 3.245.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { HostDied, InitFailed, PROVIDER_TEXT, type Properties, type ProviderHost } from "./provider-host";

/** An application in the program. */
export interface Declaration {
  name: string;
  args: Properties;
  /** Names of applications declared before it. */
  links: string[];
  /** The resource option. */
  deleteBeforeReplace: boolean;
}

export type Program = readonly Declaration[];

/** One entry of the state. */
export interface Resource {
  name: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
  initErrors: string[];
  dependencies: string[];
  /** Replaced already, to be deleted. */
  delete: boolean;
  /** Deleted already, to be created. */
  pendingReplacement: boolean;
}

export type Operation = "same" | "create" | "update" | "replace" | "delete";

export interface RunResult {
  /** What was done (or would be), by resource. */
  operations: { name: string; operation: Operation }[];
  errors: string[];
}

/** What the engine's previews have in place of a value that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The checkpoint: outlives every run. */
export class Stack {
  resources: Resource[] = [];

  find(name: string): Resource | undefined {
    return this.resources.find(resource => resource.name === name && !resource.delete);
  }

  replace(old: Resource | undefined, by: Resource | undefined): void {
    const index = old ? this.resources.indexOf(old) : -1;
    if (index >= 0) this.resources.splice(index, 1, ...(by ? [by] : []));
    else if (by) this.resources.push(by);
  }
}

export class EngineRun {
  readonly #operations: RunResult["operations"] = [];
  readonly #errors: string[] = [];
  /** Nothing new begins any more. */
  #stopped = false;
  #free: number;
  readonly #queue: (() => void)[] = [];
  readonly #seen = new Set<Resource>();

  constructor(
    private readonly stack: Stack,
    private readonly host: ProviderHost,
    private readonly options: { dryRun: boolean; parallel: number },
  ) {
    this.#free = options.parallel;
  }

  /** ^C: what is under way goes on, nothing new begins. */
  cancel(): void {
    this.#stopped = true;
    this.#errors.push("update canceled");
  }

  async up(program: Program): Promise<RunResult> {
    const registered = new Map<string, Promise<Registered | undefined>>();
    for (const declaration of program) {
      registered.set(declaration.name, this.#register(declaration, registered));
    }
    await Promise.all(registered.values());
    if (!this.#stopped) {
      const seen = (resource: Resource) => this.#seen.has(resource) && !resource.delete;
      await this.#deleteAll(this.stack.resources.filter(resource => !seen(resource)));
    }
    return this.#result();
  }

  async destroy(): Promise<RunResult> {
    await this.#deleteAll([...this.stack.resources]);
    return this.#result();
  }

  async refresh(): Promise<RunResult> {
    const old = this.stack.resources.filter(resource => !resource.pendingReplacement);
    await Promise.all(old.map(resource => this.#step(() => this.#refresh(resource))));
    return this.#result();
  }

  async #refresh(old: Resource): Promise<void> {
    const seen = await this.host.read(old.id, old.outputs);
    if (!seen.id) {
      this.#note(old.name, "delete");
      return this.stack.replace(old, undefined);
    }
    const inputs = seen.inputs ?? old.inputs;
    const { changes } = await this.#diff({ ...old, inputs, outputs: seen.outputs, id: seen.id }, old.inputs);
    if (changes) this.#note(old.name, "update");
    this.stack.replace(old, { ...old, id: seen.id, inputs, outputs: seen.outputs, initErrors: [] });
  }

  async #register(
    declaration: Declaration,
    registered: ReadonlyMap<string, Promise<Registered | undefined>>,
  ): Promise<Registered | undefined> {
    const links: { application: string; name: unknown }[] = [];
    for (const target of declaration.links) {
      const link = await registered.get(target);
      if (!link) return undefined;
      links.push({ application: link.id, name: link.name });
    }
    const news = inputsOf(declaration, links);
    let result: Registered | undefined;
    await this.#step(async () => {
      const old = this.stack.find(declaration.name);
      const { inputs, failures } = await this.host.check(old?.inputs ?? {}, news);
      if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
      const next: Resource = {
        name: declaration.name,
        id: "",
        inputs,
        outputs: {},
        initErrors: [],
        dependencies: declaration.links,
        delete: false,
        pendingReplacement: false,
      };
      result = { id: await this.#apply(declaration, old, next, news), name: inputs.name };
    });
    return result;
  }

  /** Returns the id, as a dependent sees it. */
  async #apply(
    declaration: Declaration,
    old: Resource | undefined,
    next: Resource,
    news: Properties,
  ): Promise<string> {
    if (!old) return this.#create(next, undefined);
    const diff = await this.#diff(old, next.inputs);
    if (diff.replaces || old.pendingReplacement) {
      this.#seen.add(old);
      next.inputs = (await this.host.check({}, news)).inputs;
      this.#note(next.name, "replace");
      if (declaration.deleteBeforeReplace || diff.deleteBeforeReplace) {
        for (const dependent of await this.#dependentReplacements(old)) await this.#deleteFirst(dependent);
        if (!old.pendingReplacement) await this.#deleteFirst(old);
      }
      return this.#create(next, old);
    }
    if (diff.changes || old.initErrors.length > 0) return this.#update(old, next);
    this.#note(next.name, "same");
    const same = { ...next, id: old.id, outputs: old.outputs };
    this.#seen.add(same);
    if (this.options.dryRun) this.#seen.add(old);
    else this.stack.replace(old, same);
    return old.id;
  }

  async #diff(old: Resource, inputs: Properties) {
    const { changes, replaces, deleteBeforeReplace } = await this.host.diff(old.id, old.outputs, inputs);
    return {
      // Where the provider does not say, the engine compares the inputs.
      changes: changes ?? !isDeepStrictEqual(old.inputs, inputs),
      // Only what has changed at all can be replaced.
      replaces: (changes ?? !isDeepStrictEqual(old.inputs, inputs)) && replaces.length > 0,
      deleteBeforeReplace,
    };
  }

  async #create(next: Resource, old: Resource | undefined): Promise<string> {
    if (!old) this.#note(next.name, "create");
    if (this.options.dryRun) return UNKNOWN;
    const save = (id: string, outputs: Properties, initErrors: string[]) => {
      Object.assign(next, { id, outputs, initErrors });
      this.#seen.add(next);
      if (old && !old.pendingReplacement) old.delete = true;
      this.stack.replace(old?.pendingReplacement ? old : undefined, next);
    };
    try {
      const { id, outputs } = await this.host.create(next.inputs);
      if (!id) throw new Error("provider did not return an ID from Create");
      save(id, outputs, []);
      return id;
    } catch (error) {
      if (error instanceof InitFailed) save(error.id, error.properties, error.reasons);
      throw error;
    }
  }

  async #update(old: Resource, next: Resource): Promise<string> {
    this.#note(next.name, "update");
    this.#seen.add(this.options.dryRun ? old : next);
    if (this.options.dryRun) return old.id;
    const save = (outputs: Properties, initErrors: string[]) => {
      Object.assign(next, { id: old.id, outputs, initErrors });
      this.stack.replace(old, next);
    };
    try {
      save((await this.host.update(old.id, old.outputs, next.inputs)).outputs, []);
      return old.id;
    } catch (error) {
      if (error instanceof InitFailed) save(error.properties, error.reasons);
      throw error;
    }
  }

  /** What would be replaced when this is: to be deleted before it. */
  async #dependentReplacements(root: Resource): Promise<Resource[]> {
    const gone = new Set([root]);
    for (let before = 0; before < gone.size; ) {
      before = gone.size;
      for (const resource of this.stack.resources) {
        if (gone.has(resource) || resource.pendingReplacement || this.#seen.has(resource)) continue;
        const names = new Set([...gone].map(({ name }) => name));
        if (!resource.dependencies.some(name => names.has(name))) continue;
        const inputs = { ...resource.inputs, linkedToApplication: UNKNOWN };
        if ((await this.#diff(resource, inputs)).replaces) gone.add(resource);
      }
    }
    return inDeletionOrder([...gone].filter(resource => resource !== root)).flat();
  }

  async #deleteFirst(old: Resource): Promise<void> {
    if (!this.options.dryRun) await this.host.delete(old.id, old.outputs);
    if (old.delete) this.stack.replace(old, undefined);
    else if (!this.options.dryRun) old.pendingReplacement = true;
  }

  async #deleteAll(resources: Resource[]): Promise<void> {
    for (const antichain of inDeletionOrder(resources)) {
      if (this.#stopped) return;
      await Promise.all(antichain.map(resource => this.#step(() => this.#delete(resource))));
    }
  }

  async #delete(resource: Resource): Promise<void> {
    this.#note(resource.name, "delete");
    if (this.options.dryRun) return;
    if (!resource.pendingReplacement) await this.host.delete(resource.id, resource.outputs);
    this.stack.replace(resource, undefined);
  }

  /** One step, when there is room and nothing has failed before. */
  async #step(work: () => Promise<void>): Promise<void> {
    if (this.#free === 0) await new Promise<void>(resolve => this.#queue.push(resolve));
    else this.#free--;
    try {
      if (!this.#stopped) await work();
    } catch (error) {
      this.#stopped = true;
      this.#errors.push(error instanceof HostDied ? "the provider died" : messageOf(error));
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#free++;
    }
  }

  #note(name: string, operation: Operation): void {
    this.#operations.push({ name, operation });
  }

  #result(): RunResult {
    return { operations: this.#operations, errors: this.#errors };
  }
}

interface Registered {
  id: string;
  name: unknown;
}

/** Dependents before what they depend on, as many at a time as nothing forbids. */
function inDeletionOrder(resources: Resource[]): Resource[][] {
  const order: Resource[][] = [];
  for (let left = resources; left.length > 0; ) {
    const needed = new Set(left.flatMap(({ dependencies }) => dependencies));
    const next = left.filter(({ name }) => !needed.has(name));
    order.push(next);
    left = left.filter(resource => !next.includes(resource));
  }
  return order;
}

/** The inputs that the class `TutumApplication` registers. */
function inputsOf(declaration: Declaration, links: { application: string; name: unknown }[]): Properties {
  const { name, args } = declaration;
  return {
    ...args,
    name,
    ...(links.length > 0 ? { linkedToApplication: links } : {}),
    resourceHash: resourceHash(name),
    __provider: PROVIDER_TEXT,
  };
}

export function resourceHash(name: string): string {
  const urn = `urn:pulumi:stack::project::pulumi-nodejs:dynamic/tutum:Application::${name}`;
  return createHash("sha256").update(urn).digest("hex").slice(0, 16);
}

function messageOf(error: unknown): string {
  // What is printed is all of it: a TypeError is a bug of ours, and shows where.
  return error instanceof Error
    ? `${error.message}${error instanceof TypeError ? error.stack : ""}`
    : String(error);
}
