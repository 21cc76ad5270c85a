/** What texts from outside must look like, and how much there may be: checked by the operations, told by the API's document. */

const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

export const APPLICATION_NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;
export const ALIAS = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
/** A resource URI, or the bare uuid. */
export const APPLICATION_REFERENCE = new RegExp(`^(?:/api/v1/application/)?(${UUID})/?$`);
/** With a last part that is no number: an address never comes as the Host of a name, so it could never answer. */
export const HOST_NAME =
  /^(?=.{1,253}$)(?!(?:.*\.)?\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const IMAGE = `(?:[a-z0-9][a-z0-9.-]*(?::\\d+)?/)?${PART}(?:/${PART})*`;
export const IMAGE_NAME = new RegExp(`^${IMAGE}$`);
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
/** `[registry/]namespace/name[:tag]` */
export const IMAGE_REFERENCE = new RegExp(`^(${IMAGE})(?::(${TAG}))?$`);
export const IMAGE_TAG = new RegExp(`^${TAG}$`);
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
/** Of variables, as Docker and the kernel have them: `.` and `-` are as good as letters. */
export const VARIABLE_NAME = /^[^=\0]{1,255}$/;

export const MAX_IMAGE = 255;
export const MAX_COMMAND = 32 * 1024;
export const MAX_PORTS = 100;
export const MAX_ENVVARS = 1_000;
export const MAX_VALUE = 32 * 1024;
export const MAX_LINKS = 100;
export const MAX_ROLES = 10;
/** Of a private image's description and credentials. */
export const MAX_TEXT = 4_096;
