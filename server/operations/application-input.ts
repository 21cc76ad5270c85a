/** Bodies of `POST /application/` and `PATCH /application/<uuid>/`, checked; unknown fields are ignored. */
import type { AutoPolicy, ContainerSize } from "../../provider/tutum/client/types";
import { imageDefaults } from "../model/images";
import { defaultName, parseImage } from "../model/names";
import type { Envvar, InnerPort, Link } from "../model/records";
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
const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

export function readNewApplication(body: unknown, world: World, limits: Limits): NewApplication {
  const fields = new FieldReader("application", body);
  const image = readImage(fields);
  const defaults = imageDefaults(image.name);
  const name = fields.string("name") || defaultName(image.name);
  if (!NAME.test(name)) {
    fields.fail(
      "name",
      `${show(name)} is not a name: letters, digits and "-" are allowed, at most 63 of them.`,
    );
  }
  const ports = readPorts(fields) ?? defaults.ports;
  const input: NewApplication = {
    image,
    name,
    containerSize: fields.oneOf("container_size", SIZES) ?? "XS",
    target: fields.integer("target_num_containers", 1, limits.containersPerApplication) ?? 1,
    runCommand: fields.string("run_command") ?? defaults.run_command,
    entrypoint: fields.string("entrypoint") ?? defaults.entrypoint,
    ports,
    envvars: readEnvvars(fields) ?? [],
    links: readLinks(fields, world) ?? [],
    autorestart: fields.oneOf("autorestart", POLICIES) ?? "OFF",
    autoreplace: fields.oneOf("autoreplace", POLICIES) ?? "OFF",
    autodestroy: fields.oneOf("autodestroy", POLICIES) ?? "OFF",
    roles: readRoles(fields) ?? [],
    webPublicDns: readWebPublicDns(fields, ports),
  };
  // Containers are always launched one after another: there is nothing to keep.
  fields.boolean("sequential_deployment");
  fields.finish();
  return input;
}

export function readApplicationChanges(
  body: unknown,
  ports: readonly InnerPort[],
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

function readWebPublicDns(fields: FieldReader, ports: readonly InnerPort[]): string | null {
  const host = fields.string("web_public_dns");
  if (!host) return null;
  if (!HOST_NAME.test(host)) {
    fields.fail("web_public_dns", `${show(host)} is not a host name, as in "my-app.example.com".`);
  } else if (!ports.some(port => port.protocol === "tcp" && port.inner_port === 80)) {
    fields.fail("web_public_dns", `${show(host)} needs an application that listens on port 80/tcp.`);
  }
  return host;
}
