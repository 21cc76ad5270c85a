/** Private images: names with the credentials of their registry. The password is kept, and never shown. */
import type { Page } from "../../../../provider/tutum/client/types";
import { ApiError } from "../../../host/errors";
import { notFound } from "../errors";
import type { ImageRecord } from "../model/account-records";
import { DEFAULT_TAG, parseImage } from "../model/names";
import { MAX_TEXT } from "../model/patterns";
import type { World } from "../model/world";
import type { Engine } from "./engine";
import { FieldReader, show } from "./field-reader";
import { checkParameters, page, type Query } from "./lists";
import { PAGING_PARAMETERS } from "./parameters";

const ROOT = "/api/v1/image/";
const MAX_IMAGES = 1_000;

export interface ImageView {
  description: string;
  imagetag_set: string[];
  is_private_image: boolean;
  name: string;
  resource_uri: string;
  username: string;
}

export interface TagView {
  full_name: string;
  image: string;
  name: string;
  resource_uri: string;
}

export function listImages(engine: Engine, query: Query): Page<ImageView> {
  checkParameters(query, PAGING_PARAMETERS);
  return engine.read(world => page(ROOT, query, images(world), view));
}

/** `me/app`, or `me/app/tag/1.0`; where both could be meant, the image that is there. */
export function getImageOrTag(engine: Engine, path: string): ImageView | TagView {
  return engine.read(world => {
    const tagged = /^(.+)\/tag\/([^/]+)$/.exec(path);
    if (world.account.has(`image:${path}`) || !tagged?.[1] || !tagged[2]) return view(find(world, path));
    return tagView(world, tagged[1], tagged[2]);
  });
}

/** Of a private image, and of every image that an application uses: `image_tag` URIs lead here. */
function tagView(world: World, name: string, tag: string): TagView {
  const known =
    world.account.has(`image:${name}`) ||
    [...world.applications.values()].some(({ image }) => image.name === name && image.tag === tag);
  if (!known) throw notFound();
  const image = `${ROOT}${name}/`;
  return { full_name: `${name}:${tag}`, image, name: tag, resource_uri: `${image}tag/${tag}/` };
}

export function createImage(engine: Engine, body: unknown): Promise<ImageView> {
  return engine.change(tx => {
    const fields = new FieldReader("image", body);
    const name = fields.string("name");
    const parsed = name === undefined ? undefined : parseImage(name);
    if (name === undefined) {
      if (fields.raw("name") === undefined) fields.fail("name", "This field is required.");
    } else if (parsed?.name !== name) {
      fields.fail("name", `${show(name)} is not an image name without tag, as in "quay.io/me/app".`);
    }
    const record: ImageRecord = {
      id: `image:${name ?? ""}`,
      name: name ?? "",
      description: readText(fields, "description") ?? "",
      username: readText(fields, "username") ?? "",
      password: readText(fields, "password") ?? "",
    };
    fields.finish();
    if (tx.world.account.has(record.id)) throw new ApiError(409, { error: `${name} is there already.` });
    if (images(tx.world).length >= MAX_IMAGES) {
      throw new ApiError(400, { error: `There are ${MAX_IMAGES} images already, and no more are allowed.` });
    }
    tx.putAccount(record);
    return view(record);
  });
}

export function updateImage(engine: Engine, name: string, body: unknown): Promise<ImageView> {
  return engine.change(tx => {
    const record = find(tx.world, name);
    const fields = new FieldReader("image", body ?? {});
    const changed: ImageRecord = {
      ...record,
      description: readText(fields, "description") ?? record.description,
      username: readText(fields, "username") ?? record.username,
      password: readText(fields, "password") ?? record.password,
    };
    fields.finish();
    tx.putAccount(changed);
    return view(changed);
  });
}

export function removeImage(engine: Engine, name: string): Promise<void> {
  return engine.change(tx => tx.forgetAccount(find(tx.world, name).id));
}

function view({ name, description, username }: ImageRecord): ImageView {
  return {
    description,
    imagetag_set: [`${ROOT}${name}/tag/${DEFAULT_TAG}/`],
    is_private_image: true,
    name,
    resource_uri: `${ROOT}${name}/`,
    username,
  };
}

function images(world: World): ImageRecord[] {
  return [...world.account.values()].filter(record => record.id.startsWith("image:")) as ImageRecord[];
}

function find(world: World, name: string): ImageRecord {
  const record = world.account.get(`image:${name}`);
  if (!record) throw notFound();
  return record as ImageRecord;
}

/** Messages never repeat it: it may be the password. */
function readText(fields: FieldReader, field: string): string | undefined {
  const value = fields.raw(field);
  if (value === undefined) return undefined;
  if (typeof value === "string" && value.length <= MAX_TEXT) return value;
  fields.fail(field, `It must be a string of at most ${MAX_TEXT} characters.`);
  return undefined;
}
