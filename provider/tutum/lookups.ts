/**
 * Look-ups for programs: what exists, without managing it. Plain functions answer with a promise; each `…Output` twin
 * takes and gives outputs, and waits in a preview until its arguments are known. Settings are the provider's.
 */
import * as pulumi from "@pulumi/pulumi";
import { type CamelCased, camelCased } from "../resource/program/camel-case";
import { asRunError } from "../resource/program/output-errors";
import type {
  Application,
  ApplicationFilters,
  ApplicationSummary,
  Container,
  ContainerFilters,
  ContainerSummary,
} from "./client";
import { programClient } from "./program-client";

/** Where to look. */
interface InAccount {
  /** Default: the default account. */
  account?: string;
}

/** The arguments of a look-up as inputs. */
type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

export interface GetApplicationArgs extends InAccount {
  /** uuid, resource URI, unique name, name, or the beginning of a uuid. */
  application: string;
}

/**
 * What may hold secrets, and what a plain result could not mark as one: `TutumApplication.get` and `linkVariables()`
 * have them as such.
 */
type Confidential = "containerEnvvars" | "linkVariables" | "runCommand" | "entrypoint";

/** Records by free keys. */
const FREE = new Set(["link_variables"]);

/** An object as the server has it, its fields in camelCase, without environment, link variables and commands. */
type Found<T> = Omit<CamelCased<T>, Confidential>;

export type GetApplicationResult = Found<Application>;

/** @throws {TutumLookupError} when there is none or more than one, with the candidates. */
export async function getApplication({
  application,
  account,
}: GetApplicationArgs): Promise<GetApplicationResult> {
  return found(await programClient(account).applications.find(application));
}

export function getApplicationOutput(args: Inputs<GetApplicationArgs>): pulumi.Output<GetApplicationResult> {
  return pulumi.output(args).apply(args => asRunError(() => getApplication(args as GetApplicationArgs)));
}

/** All are exact and must all fit. API: the filters of `GET /api/v1/application/`. */
export interface GetApplicationsArgs extends InAccount {
  name?: string;
  uniqueName?: string;
  uuid?: string;
  uuidStartsWith?: string;
  state?: ApplicationFilters["state"];
}

export type GetApplicationsResult = Found<ApplicationSummary>[];

/** All applications that fit, also those terminated less than 5 minutes ago. */
export async function getApplications({
  account,
  ...filters
}: GetApplicationsArgs = {}): Promise<GetApplicationsResult> {
  const { uniqueName: unique_name, uuidStartsWith: uuid__startswith, ...same } = filters;
  const query: ApplicationFilters = { ...same, unique_name, uuid__startswith };
  return collected(programClient(account).applications.list(query));
}

export function getApplicationsOutput(
  args: Inputs<GetApplicationsArgs> = {},
): pulumi.Output<GetApplicationsResult> {
  return pulumi.output(args).apply(args => asRunError(() => getApplications(args as GetApplicationsArgs)));
}

/** All are exact and must all fit. API: the filters of `GET /api/v1/container/`. */
export interface GetContainersArgs extends InAccount {
  name?: string;
  uniqueName?: string;
  uuid?: string;
  uuidStartsWith?: string;
  state?: ContainerFilters["state"];
  applicationName?: string;
  applicationUniqueName?: string;
  applicationUuid?: string;
  applicationUuidStartsWith?: string;
  applicationState?: ContainerFilters["application__state"];
}

export type GetContainersResult = Found<ContainerSummary>[];

/** All containers that fit, of all applications. */
export async function getContainers({
  account,
  ...filters
}: GetContainersArgs = {}): Promise<GetContainersResult> {
  const query: ContainerFilters = {
    name: filters.name,
    unique_name: filters.uniqueName,
    uuid: filters.uuid,
    uuid__startswith: filters.uuidStartsWith,
    state: filters.state,
    application__name: filters.applicationName,
    application__unique_name: filters.applicationUniqueName,
    application__uuid: filters.applicationUuid,
    application__uuid__startswith: filters.applicationUuidStartsWith,
    application__state: filters.applicationState,
  };
  return collected(programClient(account).containers.list(query));
}

export function getContainersOutput(
  args: Inputs<GetContainersArgs> = {},
): pulumi.Output<GetContainersResult> {
  return pulumi.output(args).apply(args => asRunError(() => getContainers(args as GetContainersArgs)));
}

export interface GetContainerLogsArgs extends InAccount {
  /** uuid, resource URI, unique name, name, or the beginning of a uuid. */
  container: string;
}

/** What the container has written so far. */
export async function getContainerLogs({ container, account }: GetContainerLogsArgs): Promise<string> {
  const { containers } = programClient(account);
  const { uuid }: Container = await containers.find(container);
  return containers.logs(uuid);
}

/** A secret: nobody can tell what a program writes to its log. */
export function getContainerLogsOutput(args: Inputs<GetContainerLogsArgs>): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.output(args).apply(args => asRunError(() => getContainerLogs(args as GetContainerLogsArgs))),
  );
}

async function collected<T>(objects: AsyncIterable<T>): Promise<Found<T>[]> {
  const all: T[] = [];
  for await (const object of objects) all.push(object);
  return all.map(found);
}

function found<T>(object: T): Found<T> {
  const fields = camelCased(object, FREE) as Record<Confidential, unknown>;
  const { containerEnvvars, linkVariables, runCommand, entrypoint, ...rest } = fields;
  return rest as Found<T>;
}
