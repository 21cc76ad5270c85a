/**
 * As much of Pulumi's engine as a provider host needs to be driven: the state, and runs that bring it to a program.
 * What is declared is worked on at once, dependencies first; deletions come last, in reverse order.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { providerText } from "../../provider/resource/dynamic/provider-text";
import { InitFailed, type Properties, type ProviderHost } from "./provider-host";

const PROVIDER_TEXT = providerText("pulumi-tutum/lifecycle", "application");

/** What a preview has in place of an id that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** An application in a program. */
export interface Declaration {
  name: string;
  args: Properties;
  /** Names of applications declared before it. */
  links: string[];
}

interface Resource {
  name: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** Its creation or last update failed half-way. */
  failed: boolean;
  /** Replaced, and to be deleted. */
  replaced: boolean;
}

export class HostStack {
  resources: Resource[] = [];
  /** How often a provider was told to create. */
  creations = 0;
  #errors: string[] = [];

  /** `scope` is what sets its resources apart from those of other stacks. */
  constructor(
    private readonly scope: string,
    private readonly account: string,
  ) {}

  find(name: string): Resource | undefined {
    return this.resources.find(resource => resource.name === name && !resource.replaced);
  }

  /** Returns what went wrong: nothing when the program is in force. */
  async up(host: ProviderHost, program: readonly Declaration[]): Promise<string[]> {
    this.#errors = [];
    const registered = new Map<string, Promise<Resource | undefined>>();
    for (const declaration of program) {
      registered.set(declaration.name, this.#attempt(this.#register(host, declaration, registered)));
    }
    await Promise.all(registered.values());
    for (const resource of [...this.resources].reverse()) {
      if (this.#errors.length > 0) break;
      if (registered.has(resource.name) && !resource.replaced) continue;
      await this.#attempt(this.#delete(host, resource));
    }
    return this.#errors;
  }

  /** What an up would change. */
  async preview(host: ProviderHost, program: readonly Declaration[]): Promise<string[]> {
    const changes: string[] = [];
    for (const declaration of program) {
      const old = this.find(declaration.name);
      if (!old) changes.push(`create ${declaration.name}`);
      else if ((await this.#compare(host, old, this.#inputs(declaration))).changes)
        changes.push(`change ${declaration.name}`);
    }
    const left = this.resources.filter(
      ({ name, replaced }) => replaced || !program.some(declared => declared.name === name),
    );
    return [...changes, ...left.map(({ name }) => `delete ${name}`)];
  }

  async #register(
    host: ProviderHost,
    declaration: Declaration,
    registered: ReadonlyMap<string, Promise<Resource | undefined>>,
  ): Promise<Resource | undefined> {
    const targets = await Promise.all(declaration.links.map(link => registered.get(link)));
    if (this.#errors.length > 0 || targets.includes(undefined)) return undefined;
    const news = this.#inputs(declaration);
    const old = this.find(declaration.name);
    if (!old) return this.#create(host, declaration.name, news, undefined);
    const { changes, replaces, inputs } = await this.#compare(host, old, news);
    if (replaces) return this.#create(host, declaration.name, news, old);
    if (changes || old.failed) await this.#update(host, old, inputs);
    else Object.assign(old, { inputs });
    return old;
  }

  async #compare(host: ProviderHost, old: Resource, news: Properties) {
    const inputs = await checked(host, old.inputs, news);
    const { changes = !isDeepStrictEqual(inputs, old.inputs), replaces } = await host.diff(
      old.id,
      old.outputs,
      inputs,
    );
    return { changes, replaces: changes && replaces, inputs };
  }

  async #create(
    host: ProviderHost,
    name: string,
    news: Properties,
    old: Resource | undefined,
  ): Promise<Resource> {
    const inputs = await checked(host, {}, news);
    const save = (id: string, outputs: Properties, failed: boolean) => {
      if (old) old.replaced = true;
      const resource = { name, id, inputs, outputs, failed, replaced: false };
      this.resources.push(resource);
      return resource;
    };
    this.creations++;
    try {
      const { id, outputs } = await host.create(inputs);
      return save(id, outputs, false);
    } catch (error) {
      if (error instanceof InitFailed) save(error.id, error.properties, true);
      throw error;
    }
  }

  async #update(host: ProviderHost, old: Resource, inputs: Properties): Promise<void> {
    try {
      const { outputs } = await host.update(old.id, old.outputs, inputs);
      Object.assign(old, { inputs, outputs, failed: false });
    } catch (error) {
      if (error instanceof InitFailed)
        Object.assign(old, { inputs, outputs: error.properties, failed: true });
      throw error;
    }
  }

  async #delete(host: ProviderHost, resource: Resource): Promise<void> {
    await host.delete(resource.id, resource.outputs);
    this.resources.splice(this.resources.indexOf(resource), 1);
  }

  async #attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      this.#errors.push((error as Error).message);
      return undefined;
    }
  }

  /** What the class `TutumApplication` registers. */
  #inputs({ name, args, links }: Declaration): Properties {
    const targets = links.map(link => ({ application: this.find(link)?.id ?? UNKNOWN, name: link }));
    const urn = `urn:pulumi:${this.scope}::declared::pulumi-nodejs:dynamic/tutum:Application::${name}`;
    return {
      ...args,
      name,
      account: this.account,
      ...(targets.length > 0 && { linkedToApplication: targets }),
      resourceHash: createHash("sha256").update(urn).digest("hex").slice(0, 16),
      __provider: PROVIDER_TEXT,
    };
  }
}

async function checked(host: ProviderHost, olds: Properties, news: Properties): Promise<Properties> {
  const { inputs, failures } = await host.check(olds, news);
  if (failures.length > 0) throw new Error(failures.join("; "));
  return inputs;
}
