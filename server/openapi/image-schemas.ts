/** Private images, tags and roles. */
import { exactly, listOf, type Schema, text } from "./schema";

export const image = exactly({
  description: text,
  imagetag_set: listOf(text),
  is_private_image: { type: "boolean" },
  name: text,
  resource_uri: text,
  username: text,
});

export const imageInput: Schema = {
  type: "object",
  properties: {
    name: { type: "string", description: "With registry, without tag; fixed once it is there" },
    username: { type: "string", description: "For the registry" },
    password: { type: "string", description: "For the registry; never shown" },
    description: text,
  },
};

export const imageTag = exactly({ full_name: text, image: text, name: text, resource_uri: text });

export const role = exactly({ label: text, resource_uri: text, scope: text });
