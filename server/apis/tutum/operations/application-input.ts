/** Bodies of `POST /application/` and `PATCH /application/<uuid>/`, checked; unknown fields are ignored. */
import type { AutoPolicy, ContainerSize } from "../../../../provider/tutum/client/types";
import type { ImageDefaults, ImageReference } from "../model/backend";
import { defaultName, parseImage } from "../model/names";
import { APPLICATION_NAME, HOST_NAME, MAX_COMMAND } from "../model/patterns";
import type { ApplicationRecord, Envvar, InnerPort, Link } from "../model/records";
import type { Limits } from "../model/settings";
import type { World } from "../model/world";
import { readEnvvars, readLinks, readPorts, readRoles } from "./application-lists";
import { FieldReader, show } from "./field-reader";

export interface NewApplication {
  image: { name: string; tag: string };
  name: string;
  containerSize: ContainerSize;
  target: number;
  runCommand: string;
  entrypoint: string;
  ports: InnerPort[];
  envvars: Envvar[];
  links: Link[];
  autorestart: AutoPolicy;
  autoreplace: AutoPolicy;
  autodestroy: AutoPolicy;
  roles: string[];
  webPublicDns: string | null;
  fromImage: NonNullable<ApplicationRecord["fromImage"]>;
  undetermined?: boolean;
  sequential?: boolean;
}

/** Only what the body sets. `webPublicDns` null clears it. */
export interface ApplicationChanges {
  target?: number;
  webPublicDns?: string | null;
  autorestart?: AutoPolicy;
  autoreplace?: AutoPolicy;
  autodestroy?: AutoPolicy;
}

const SIZES: readonly ContainerSize[] = ["XS", "S", "M", "L", "XL"];
const POLICIES: readonly AutoPolicy[] = ["OFF", "ON_FAILURE", "ALWAYS"];
const IMMUTABLE = [
  "image",
  "image_tag",
  "name",
  "container_size",
  "run_command",
  "entrypoint",
  "container_ports",
  "container_envvars",
  "linked_to_application",
  "roles",
];
/** The image a body names, before all of it is checked. */
export function imageIn(body: unknown): ImageReference | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { image, image_tag } = body as Record<string, unknown>;
  const reference = image ?? image_tag;
  return typeof reference === "string" ? parseImage(reference) : undefined;
}

/** Without `defaults` what the image says is not known yet. */
export function readNewApplication(
  body: unknown,
  defaults: ImageDefaults | undefined,
  world: World,
  limits: Limits,
): NewApplication {
  const fields = new FieldReader("application", body);
  const image = readImage(fields);
  const name = fields.string("name") || defaultName(image.name);
  if (!APPLICATION_NAME.test(name)) {
    fields.fail(
      "name",
      `${show(name)} is not a name: letters, digits and "-" are allowed, at most 63 of them.`,
    );
  }
  const ports = readPorts(fields);
  const runCommand = readCommand(fields, "run_command");
  const entrypoint = readCommand(fields, "entrypoint");
  const fromImage = Object.entries({ ports, runCommand, entrypoint }).flatMap(([field, value]) =>
    value === undefined ? (field as NewApplication["fromImage"][number]) : [],
  );
  const input: NewApplication = {
    image,
    name,
    containerSize: fields.oneOf("container_size", SIZES) ?? "XS",
    target: fields.integer("target_num_containers", 1, limits.containersPerApplication) ?? 1,
    runCommand: runCommand ?? defaults?.run_command ?? "",
    entrypoint: entrypoint ?? defaults?.entrypoint ?? "",
    ports: ports ?? defaults?.ports ?? [],
    envvars: readEnvvars(fields) ?? [],
    links: readLinks(fields, world) ?? [],
    autorestart: fields.oneOf("autorestart", POLICIES) ?? "OFF",
    autoreplace: fields.oneOf("autoreplace", POLICIES) ?? "OFF",
    autodestroy: fields.oneOf("autodestroy", POLICIES) ?? "OFF",
    roles: readRoles(fields) ?? [],
    webPublicDns: readWebPublicDns(fields, ports ?? defaults?.ports),
    fromImage,
    ...(fields.boolean("sequential_deployment") ? { sequential: true } : {}),
    ...(defaults === undefined && fromImage.length > 0 ? { undetermined: true } : {}),
  };
  fields.finish();
  return input;
}

export function readApplicationChanges(
  body: unknown,
  ports: readonly InnerPort[] | undefined,
  limits: Limits,
): ApplicationChanges {
  // Old clients send a PATCH without body when nothing changed.
  const fields = new FieldReader("application", body ?? {});
  for (const field of IMMUTABLE) {
    if (fields.has(field)) fields.fail(field, "can't be changed after creation.");
  }
  const changes: ApplicationChanges = {
    target: fields.integer("target_num_containers", 1, limits.containersPerApplication),
    autorestart: fields.oneOf("autorestart", POLICIES),
    autoreplace: fields.oneOf("autoreplace", POLICIES),
    autodestroy: fields.oneOf("autodestroy", POLICIES),
  };
  if (fields.has("web_public_dns")) changes.webPublicDns = readWebPublicDns(fields, ports);
  fields.finish();
  return changes;
}

/** `image`, or `image_tag` as earlier documents call it. */
function readImage(fields: FieldReader): { name: string; tag: string } {
  const field = !fields.has("image") && fields.has("image_tag") ? "image_tag" : "image";
  const reference = fields.string(field);
  const image = reference === undefined ? undefined : parseImage(reference);
  if (image) return image;
  if (reference !== undefined) {
    fields.fail(
      field,
      `${show(reference)} is not an image name: "[registry/][namespace/]name[:tag]" is expected.`,
    );
  } else if (fields.raw(field) === undefined) {
    fields.fail(field, 'This field is required: the image to deploy, as in "tutum/hello-world".');
  }
  return { name: "unknown", tag: "latest" };
}

function readCommand(fields: FieldReader, field: "run_command" | "entrypoint"): string | undefined {
  const command = fields.string(field);
  // No program can be given one: the engine would say so when it is too late.
  if (command?.includes("\0")) fields.fail(field, "It holds a NUL character.");
  // Lists show it with each container.
  if (command && command.length > MAX_COMMAND)
    fields.fail(field, `It is longer than ${MAX_COMMAND} characters.`);
  return command;
}

/** Without ports nobody knows yet whether there is one to lead to. */
function readWebPublicDns(fields: FieldReader, ports: readonly InnerPort[] | undefined): string | null {
  const host = fields.string("web_public_dns");
  if (!host) return null;
  if (!HOST_NAME.test(host)) {
    fields.fail(
      "web_public_dns",
      `${show(host)} is not a host name, as in "my-app.example.com": no address, port, path or scheme.`,
    );
  } else if (ports && !ports.some(port => port.protocol === "tcp" && port.inner_port === 80)) {
    fields.fail("web_public_dns", `${show(host)} needs an application that listens on port 80/tcp.`);
  }
  return host;
}
