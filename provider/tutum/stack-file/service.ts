/** A service of a stack file while its keys are read. */
import { isDeepStrictEqual } from "node:util";
import { sentence } from "../../resource/sentence";
import { checkFields } from "../../resource/table/check";
import type { Values } from "../../resource/table/field";
import { UNKNOWN } from "../../resource/table/unknown";
import type { PortProtocol } from "../client/types";
import { applicationFields } from "../lifecycle/fields";
import type { ExternalApplication } from "./external-application";
import type { Value } from "./value";

type FieldName = keyof typeof applicationFields;

export interface Link {
  /** Name of a service. */
  service: string;
  alias?: string;
  place: Value;
}

export interface Dependency {
  /** Name of a service. */
  service: string;
  place: Value;
  /** Default: true. */
  required?: boolean;
  /** Whether its end is waited for. */
  isJob?: boolean;
}

/** A text that a container receives, as far as it is known. */
interface GivenText {
  text: string;
  /** Name of the environment variable; of a command line undefined. */
  variable: string | undefined;
  place: Value;
}

export class Service {
  readonly links: Link[] = [];
  /** Links that the file does not write out. */
  readonly derived: (Link & { alias: string })[] = [];
  readonly dependsOn: Dependency[] = [];
  readonly texts: GivenText[] = [];
  /** Services that it is not linked to, even if it names them. */
  readonly unlinked = new Map<string, Value>();
  /** The networks that it is on, with its other names there. */
  networks: ReadonlyMap<string, readonly string[]> = new Map([["default", []]]);
  readonly #args: Values = {};
  readonly #places = new Map<string, Value>();

  constructor(
    readonly name: string,
    /** Its key. */
    readonly at: Value,
    /** Its keys and values. */
    readonly place: Value,
  ) {}

  /** Declares a field; two keys that declare the same one must agree. */
  set(field: FieldName, value: unknown, place: Value): void {
    if (value === undefined) return;
    const other = this.#places.get(field);
    if (other && !isDeepStrictEqual(this.#args[field], value))
      place.error(`contradicts ${other.path}: remove one of the two.`);
    this.#args[field] = value;
    this.#places.set(field, place);
  }

  addPort(innerPort: number, protocol: PortProtocol): void {
    this.#args.containerPorts ??= [];
    const ports = this.#args.containerPorts as { innerPort: number; protocol: PortProtocol }[];
    if (!ports.some(port => port.innerPort === innerPort && port.protocol === protocol))
      ports.push({ innerPort, protocol });
  }

  addVariable(name: string, value: unknown, place: Value): void {
    if (value === undefined) return;
    const variables = { ...(this.#args.containerEnvvars as Values | undefined) };
    Object.defineProperty(variables, name, { value, enumerable: true, configurable: true, writable: true });
    this.#args.containerEnvvars = variables;
    this.#places.set(`containerEnvvars.${name}`, place);
  }

  addText(text: string, variable: string | undefined, place: Value): void {
    this.texts.push({ text, variable, place });
  }

  addExternalLink(application: string | ExternalApplication, name: string | undefined, place: Value): void {
    this.#args.linkedToApplication ??= [];
    const links = this.#args.linkedToApplication as unknown[];
    this.#places.set(`linkedToApplication[${links.length}]`, place);
    links.push({ application, ...(name !== undefined && { name }) });
  }

  /** Whether it links to applications outside the file. */
  get hasExternalLinks(): boolean {
    return this.#args.linkedToApplication !== undefined;
  }

  get account(): string | undefined {
    return typeof this.#args.account === "string" ? this.#args.account : undefined;
  }

  /** The `name` that the application will have. */
  get applicationName(): string {
    return typeof this.#args.name === "string" ? this.#args.name : this.name;
  }

  /** The declared fields in the table's order, checked as the provider checks them, at the places of their keys. */
  args(): Values {
    const given: Values = { name: this.name, ...this.#args };
    const { failures } = checkFields(applicationFields, known(given) as Values);
    for (const { property, reason } of failures) {
      if (property === "image" && given.image === undefined) continue;
      const words = reason.slice(property.length + 1) + this.#wayOut(property);
      this.#placeOf(property).error(sentence(words));
    }
    const names = Object.keys(applicationFields).filter(name => this.#args[name] !== undefined);
    return Object.fromEntries(names.map(name => [name, this.#args[name]]));
  }

  /** Compose allows names of services that an application cannot have. */
  #wayOut(property: string): string {
    if (property !== "name" || this.#args.name !== undefined) return "";
    const name = this.name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
    return name === "" ? "" : `: give it one of its own, x-tutum: { name: ${name} }`;
  }

  #placeOf(property: string): Value {
    const paths = [...this.#places.keys()].filter(path => property.startsWith(path));
    return this.#places.get(paths.sort((a, b) => b.length - a.length)[0] ?? "") ?? this.place;
  }
}

/** Values that are known later, or in the written program only, as unknowns. */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(known);
  if (value === null || typeof value !== "object") return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, known(item)]));
}
