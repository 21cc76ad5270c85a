import { IMAGE_TAG } from "../model/patterns";
import { FieldReader, show } from "./field-reader";

/** `{"tag": "2.0"}` of a redeploy; without body or tag the present one stays. */
export function readTag(body: unknown): string | undefined {
  const fields = new FieldReader("application", body ?? {});
  const tag = fields.string("tag");
  if (tag !== undefined && !IMAGE_TAG.test(tag)) {
    fields.fail("tag", `${show(tag)} is not an image tag.`);
  }
  fields.finish();
  return tag;
}
