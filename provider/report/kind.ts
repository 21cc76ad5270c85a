/**
 * What a report asks of a kind of resource. All else (causes, order, danger, drift, secrets, formats) it finds out by
 * the kind's table of fields, so a kind says only what its changes mean to an operator.
 */
import type { ResourceKind } from "../resource/kind";
import type { FoldedStep } from "./folded-steps";
import type { Phrase } from "./phrase";
import type { ResourceState } from "./preview";
import type { PropertyChange } from "./property-change";

/** How a report names a kind. */
export interface KindNames extends Pick<ResourceKind, "type" | "noun"> {
  /** Its list in the report as JSON: `applications`. */
  collection: string;
}

export interface ReportedKind extends ResourceKind, KindNames {
  /** Type tokens of components that only hold such resources together: nobody's other resource. */
  components?: readonly string[];
  /** The property by which it is linked to other resources: the edges of the diagram. */
  links?: LinkProperty;
  /** Properties that are made of random characters at times, and are never a secret. */
  identifiers?: readonly string[];

  /** The data that is lost with it. Absent: it holds none. */
  data?(state: ResourceState): HeldData;
  /** Whether an update loses a part of the data: fewer containers, a smaller disk. */
  shrinks?(changed: Changed): boolean;
  /** Whether it is down after or during an update. */
  isStopped?(changed: Changed): boolean;
  /** What it was like when the state was last written: `Starting`. */
  lastSeen?(state: ResourceState): string | undefined;

  words: ChangeWords;

  /** Of all that changes of this kind: what nobody can reach afterwards, in sentences. */
  unreachable?(changes: readonly Changed[]): Phrase[];
  /** Of all that changes of this kind: what they need together meanwhile, in sentences. */
  peak?(changes: readonly Changed[]): Phrase[];
}

/**
 * Clauses about one change, the most important one first. The report sets them into its sentences: `created: `;
 * `replaced because image changed: `, with what is true of any replacement behind the first clause.
 */
export interface ChangeWords {
  created(changed: Changed, all: ChangedByUrn): Phrase[];
  deleted(changed: Changed, all: ChangedByUrn): Phrase[];
  /** What a replacement does to it. */
  replaced(changed: Changed, all: ChangedByUrn): Phrase[];
  /** What an update does; `certain` are the changes that replace nothing, whatever unknown values turn out to be. */
  updated(certain: readonly PropertyChange[], changed: Changed, all: ChangedByUrn): Phrase[];
  /** What it does on the server when it only leaves the state. Default: `stays on the server`. */
  kept?: string;
}

/** What may be lost with a resource. */
export interface HeldData {
  /** Names, besides its own, by which `--holds-data` and `--holds-no-data` may mean it. */
  names: readonly string[];
  /** Whether it holds data as far as its arguments tell. */
  likely: boolean;
}

export interface LinkProperty {
  property: string;
  /** Type tokens of what it can lead to. */
  targets: readonly string[];
  /** One of those, for people: `an application`. */
  target: string;
  /** The links in a value of the property, in which unknown values are `UNKNOWN`. */
  declared(value: unknown): DeclaredLink[];
  /** Between the names of the two: `is linked to`. */
  verb: string;
}

/** A link as the inputs have it; without an id it leads to what does not exist before `up`. */
export interface DeclaredLink {
  id?: string;
  alias?: string;
}

export interface LinkedTo {
  /** URN; absent for a resource outside the stack. */
  urn?: string;
  /** For people: the target's resource name where it is known. */
  name: string;
  /** Prefix of the link variables where it isn't the target's name. */
  alias?: string;
}

export interface Links {
  before: LinkedTo[];
  after: LinkedTo[];
}

/** One resource of a known kind, with all that is known of its change. */
export interface Changed {
  kind: ReportedKind;
  step: FoldedStep;
  links: Links;
  changes: PropertyChange[];
  /** Whether there is data in it that can be lost. */
  holdsData: boolean;
}

export type ChangedByUrn = ReadonlyMap<string, Changed>;
