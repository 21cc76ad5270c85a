/** Private images, tags and roles. */
import { IMAGE_NAME, MAX_IMAGE, MAX_TEXT } from "../model/patterns";
import { exactly, listOf, matching, optional, type Schema, text } from "./schema";

export const image = exactly({
  description: text,
  imagetag_set: listOf(text),
  is_private_image: { type: "boolean" },
  name: text,
  resource_uri: text,
  username: text,
});

const words = optional({ type: "string", maxLength: MAX_TEXT });
const credentials: Record<string, Schema> = {
  username: { ...words, description: "For the registry" },
  password: { ...words, description: "For the registry; never shown" },
  description: words,
};

export const imageCreate: Schema = {
  type: "object",
  required: ["name"],
  properties: {
    name: {
      ...matching(IMAGE_NAME, "With registry, without tag", ["quay.io/me/app", "me/app"]),
      maxLength: MAX_IMAGE,
    },
    ...credentials,
  },
};

export const imageUpdate: Schema = { type: ["object", "null"], properties: credentials };

export const imageTag = exactly({ full_name: text, image: text, name: text, resource_uri: text });

export const role = exactly({ label: text, resource_uri: text, scope: text });
