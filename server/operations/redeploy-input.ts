import { FieldReader, show } from "./field-reader";

/** `{"tag": "2.0"}` of a redeploy; without body or tag the present one stays. */
export function readTag(body: unknown): string | undefined {
  const fields = new FieldReader("application", body ?? {});
  const tag = fields.string("tag");
  if (tag !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag)) {
    fields.fail("tag", `${show(tag)} is not an image tag.`);
  }
  fields.finish();
  return tag;
}
