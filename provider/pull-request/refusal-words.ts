import { isRecord } from "../http/json";

/**
 * Why a host refuses, in its own words. GitHub: `message` and `errors[].message`. GitLab: `message`, a text or texts by
 * field, or `error` and `error_description`. Without the full stop: a sentence of ours goes on or ends after it.
 */
export function refusalWords(body: unknown): string {
  if (!isRecord(body)) return "";
  const { message, error, error_description: description, errors } = body;
  const all = [...texts(message), ...texts(error), ...texts(description), ...texts(reasons(errors))];
  return [...new Set(all)].join(": ");
}

function reasons(errors: unknown): unknown {
  if (!Array.isArray(errors)) return errors;
  return errors.map(each => (isRecord(each) ? (each.message ?? each.code) : each));
}

function texts(value: unknown, field?: string): string[] {
  if (typeof value === "string") {
    const words = value.replace(/\s+/g, " ").trim().replace(/\.+$/, "");
    return words === "" ? [] : [field === undefined ? words : `${field} ${words}`];
  }
  if (Array.isArray(value)) return value.flatMap(item => texts(item, field));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => texts(item, field ?? name));
}
