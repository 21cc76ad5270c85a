import * as pulumi from "@pulumi/pulumi";
import { providerText } from "../resource/dynamic/provider-text";
import { ManagedResource, type ResourceClass } from "../resource/program/managed-resource";
import { asRunError } from "../resource/program/output-errors";
import { resourceUri } from "./client/references";
import type { AutoPolicy, ContainerSize, PortProtocol } from "./client/types";
import { APPLICATION } from "./kind";
import { declareAccount, type LinkTarget, links } from "./links";
import { type GetContainersResult, getContainersOutput } from "./lookups";
import { refuseMisspeltSettings } from "./misspelt-settings";
import { programClient } from "./program-client";

/** A port that the containers listen on. */
export interface ContainerPort {
  /** 1 to 65535. API: `inner_port`. */
  innerPort: pulumi.Input<number>;
  /** Default: `tcp`. */
  protocol?: pulumi.Input<PortProtocol>;
}

/** Arguments of a `TutumApplication`: the fields of the API in camelCase. */
export interface TutumApplicationArgs {
  /** Image in Docker's form, `[registry/]namespace/name[:tag]`; tag default `latest`. Change: replacement. API: `image`. */
  image: pulumi.Input<string>;
  /**
   * Name for people, letters, digits and dashes. It need not be unique: the server adds a number to `uniqueName`.
   * Default: the resource's name, and of one that is renamed with an alias the name it had. Change: replacement.
   * API: `name`.
   */
  name?: pulumi.Input<string | undefined>;
  /** Size of each container. Default: `XS`. Change: replacement. API: `container_size`. */
  containerSize?: pulumi.Input<ContainerSize | undefined>;
  /** Containers to run, at least 1. Default: 1. Change: PATCH. API: `target_num_containers`. */
  targetNumContainers?: pulumi.Input<number | undefined>;
  /** Command the containers start. Default: the image's. Change: replacement. API: `run_command`. */
  runCommand?: pulumi.Input<string | undefined>;
  /** Prefix of the command. Default: the image's. Change: replacement. API: `entrypoint`. */
  entrypoint?: pulumi.Input<string | undefined>;
  /** Ports that the containers listen on, in any order. Default: the image's. Change: replacement. API: `container_ports`. */
  containerPorts?: pulumi.Input<pulumi.Input<ContainerPort>[] | undefined>;
  /** Environment variables by name; values may be secrets. Default: none. Change: replacement. API: `container_envvars`. */
  containerEnvvars?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /**
   * Applications whose link variables the containers receive, in any order: an application, `{ application, name }`
   * to choose the variables' prefix, or a uuid or resource URI. The prefix of an application given as such is its
   * `name`, so that it survives a replacement. Default: none. Change: replacement. API: `linked_to_application`.
   */
  linkedToApplication?: pulumi.Input<pulumi.Input<LinkTarget>[] | undefined>;
  /** Whether a container that stopped is started again. Default: `OFF`. Change: PATCH. API: `autorestart`. */
  autorestart?: pulumi.Input<AutoPolicy | undefined>;
  /** Whether a container that stopped is replaced by a new one. Default: `OFF`. Change: PATCH. API: `autoreplace`. */
  autoreplace?: pulumi.Input<AutoPolicy | undefined>;
  /** Whether containers that stopped are terminated, with their data. Default: `OFF`. Change: PATCH. API: `autodestroy`. */
  autodestroy?: pulumi.Input<AutoPolicy | undefined>;
  /** API roles granted to the containers, which then receive `TUTUM_AUTH`. Default: none. Change: replacement. API: `roles`. */
  roles?: pulumi.Input<pulumi.Input<"global">[] | undefined>;
  /** Domain name of the web endpoint; port 80 must be among the ports. Default: none. Change: PATCH. API: `web_public_dns`. */
  webPublicDns?: pulumi.Input<string | undefined>;
  /** Whether the application runs. Default: true. Change: POST start or stop. */
  running?: pulumi.Input<boolean | undefined>;
  /**
   * Account that the application is in: one of stack config `tutum:accounts`, or a section of `~/.tutum`. Default:
   * the default account's credentials. Change: replacement.
   */
  account?: pulumi.Input<string | undefined>;
  /**
   * uuid, unique name or resource URI of an application that exists: creating takes it over instead of making one,
   * if all that only changes by replacement is as declared. No effect once the resource is in the state.
   */
  adopt?: pulumi.Input<string | undefined>;
  /** Values whose change replaces the application, as in other Pulumi resources. Default: none. */
  triggers?: pulumi.Input<pulumi.Input<unknown>[] | undefined>;
}

const DEFAULT_NAME: unique symbol = Symbol("default name");
interface DefaultName {
  [DEFAULT_NAME]?: string;
}

/** Arguments from a component, with the name of an application that has none of its own. */
export function defaultNamed(name: string, args: TutumApplicationArgs): TutumApplicationArgs {
  const named: TutumApplicationArgs & DefaultName = { ...args, [DEFAULT_NAME]: name };
  return named;
}

const CLASS = {
  ...APPLICATION,
  providerText: providerText("pulumi-tutum/lifecycle", "application"),
} satisfies ResourceClass;

/**
 * A container application on the Tutum API v1. Its id is the application's uuid.
 *
 * @example
 * const db = new TutumApplication("db", {
 *   image: "tutum/mysql",
 *   containerEnvvars: { MYSQL_PASS: config.requireSecret("databasePassword") },
 * });
 * const web = new TutumApplication("web", { image: "tutum/wordpress", linkedToApplication: [db] });
 */
export class TutumApplication extends ManagedResource {
  declare readonly image: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly containerSize: pulumi.Output<ContainerSize>;
  declare readonly targetNumContainers: pulumi.Output<number>;
  declare readonly runCommand: pulumi.Output<string>;
  declare readonly entrypoint: pulumi.Output<string>;
  declare readonly containerPorts: pulumi.Output<{ innerPort: number; protocol: PortProtocol }[]>;
  declare readonly containerEnvvars: pulumi.Output<Record<string, string>>;
  /** Targets by uuid, with the prefix of their link variables. */
  declare readonly linkedToApplication: pulumi.Output<{ application: string; name?: string }[]>;
  declare readonly autorestart: pulumi.Output<AutoPolicy>;
  declare readonly autoreplace: pulumi.Output<AutoPolicy>;
  declare readonly autodestroy: pulumi.Output<AutoPolicy>;
  declare readonly roles: pulumi.Output<"global"[]>;
  declare readonly webPublicDns: pulumi.Output<string | undefined>;
  /** `partly` when a refresh found only some of its containers running. */
  declare readonly running: pulumi.Output<boolean | "partly">;
  declare readonly account: pulumi.Output<string | undefined>;
  declare readonly adopt: pulumi.Output<string | undefined>;
  declare readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** Name made unique in the account: `db`, or `db-2` where that was taken. API: `unique_name`. */
  declare readonly uniqueName: pulumi.Output<string>;
  /** State when last seen, as in `Running` or `Stopped`. API: `state`. */
  declare readonly state: pulumi.Output<string>;
  /** Host name of the application. API: `public_dns`. */
  declare readonly publicDns: pulumi.Output<string | undefined>;
  /** Containers deployed, in any state but terminated. API: `current_num_containers`. */
  declare readonly currentNumContainers: pulumi.Output<number>;
  /** API: `running_num_containers`. */
  declare readonly runningNumContainers: pulumi.Output<number>;

  /** The argument: the output of an application without one is unknown in the preview of an update. */
  readonly #account: pulumi.Output<string | undefined>;

  /**
   * Reads an application that exists, by its uuid, without managing it. A missing one is an error. Its environment
   * is secret as a whole: nobody can tell which of the values are.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    options: pulumi.CustomResourceOptions & { account?: pulumi.Input<string> } = {},
  ): TutumApplication {
    const { account, ...rest } = options;
    return new TutumApplication(name, { account } as TutumApplicationArgs, { ...rest, id });
  }

  constructor(name: string, args: TutumApplicationArgs, options: pulumi.CustomResourceOptions = {}) {
    refuseMisspeltSettings();
    const given: TutumApplicationArgs & DefaultName = declared(name, args);
    const { [DEFAULT_NAME]: defaultName = name, ...own } = given;
    const inputs = options.id
      ? { account: args.account }
      : {
          ...own,
          name: args.name ?? defaultName,
          defaultName: args.name === undefined ? defaultName : undefined,
          containerEnvvars: carried(name, args.containerEnvvars),
          linkedToApplication: links({ name, account: args.account }, args.linkedToApplication),
        };
    super(CLASS, name, { inputs, args }, options);
    declareAccount(this, { name, account: args.account });
    this.#account = pulumi.output(args.account);
  }

  /** The id under the API's name for it. Known in every preview in which the application is not created or replaced. */
  get uuid(): pulumi.Output<string> {
    return this.id;
  }

  /** `/api/v1/application/<uuid>/`. API: `resource_uri`. */
  get resourceUri(): pulumi.Output<string> {
    return this.id.apply(resourceUri);
  }

  /** `http://` with `webPublicDns`, or with `publicDns` without one; undefined when port 80 is not among the ports. */
  get webUrl(): pulumi.Output<string | undefined> {
    return pulumi
      .all([this.webPublicDns, this.publicDns, this.containerPorts])
      .apply(([domain, dns, ports]) =>
        ports?.some(({ innerPort }) => innerPort === 80) && (domain || dns)
          ? `http://${domain || dns}`
          : undefined,
      );
  }

  /** Its containers as they are once it is created or updated; in a preview, as they are now. */
  containers(): pulumi.Output<GetContainersResult> {
    return getContainersOutput({ applicationUuid: this.id, account: this.#account });
  }

  /** What its containers have written so far, a secret: nobody can tell what a program writes to its log. */
  logs(): pulumi.Output<string> {
    return pulumi.secret(
      pulumi
        .all([this.id, this.#account])
        .apply(([uuid, account]) => asRunError(() => programClient(account).applications.logs(uuid))),
    );
  }

  /** The variables that containers linked to it receive, without the prefix of the link's name. A secret: environment is among them. */
  linkVariables(): pulumi.Output<Record<string, string>> {
    return pulumi.secret(
      pulumi
        .all([this.id, this.#account])
        .apply(([uuid, account]) =>
          asRunError(async () => (await programClient(account).applications.get(uuid)).link_variables),
        ),
    );
  }
}

/** Said here for programs without types: the SDK's own words would be of something undefined. */
function declared(resource: string, args: TutumApplicationArgs): TutumApplicationArgs {
  if (typeof args === "object" && args !== null) return args;
  throw new pulumi.RunError(
    `TutumApplication ${resource}: its arguments are missing: new TutumApplication("${resource}", { image: "…" }).`,
  );
}

/** Names that Pulumi's SDK loses, or fails on without a word of where. */
const NOT_CARRIED = ["__proto__", "toString"];

function carried(
  resource: string,
  variables: TutumApplicationArgs["containerEnvvars"],
): TutumApplicationArgs["containerEnvvars"] {
  const lost = NOT_CARRIED.find(name => Object.hasOwn(variables ?? {}, name));
  if (lost === undefined || pulumi.Output.isInstance(variables)) return variables;
  throw new pulumi.RunError(`TutumApplication ${resource}: containerEnvvars cannot hold the name ${lost}.`);
}
