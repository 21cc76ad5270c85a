/** Which files may import which: the layers of provider/ and server/, and what does not keep to them yet. */

/**
 * @typedef {object} Layer
 * @property {string} rule what a message says of it
 * @property {RegExp} files whose imports it is about; may have a group
 * @property {(target: string, group: string, typeOnly: boolean) => boolean} allows whether such a file may import `target`, a file of ours or a package
 */

const CLOUDS = "tutum|ovh|linode";
/** @param {string} target */
const isOurs = target => /^(provider|server)\//.test(target);
/** @param {string} target */
const isCloud = target => new RegExp(`^provider/(${CLOUDS})/`).test(target);

/**
 * @param {RegExp} known what of ours a file may import
 * @returns {Layer["allows"]}
 */
const only = known => target => !isOurs(target) || known.test(target);

/** @type {Layer[]} */
export const LAYERS = [
  {
    rule: "http imports nothing but http",
    files: /^provider\/http\//,
    allows: only(/^provider\/http\//),
  },
  {
    rule: "axios is used in one place",
    files: /^provider\/(?!http\/axios-transport\.ts$)/,
    allows: target => target !== "axios",
  },
  {
    rule: "settings import nothing but http",
    files: /^provider\/settings\//,
    allows: only(/^provider\/(settings|http)\//),
  },
  {
    rule: "resource imports no cloud, only http and settings",
    files: /^provider\/resource\//,
    allows: only(/^provider\/(resource|settings|http)\/|^provider\/version\.ts$/),
  },
  {
    rule: "lifecycle and resource know neither the program's side nor the host",
    files:
      /^provider\/(?:(?:tutum|ovh|linode)\/lifecycle\/(?!index\.ts$)|resource\/(?!dynamic\/|native\/|program\/))/,
    allows: target => !/^provider\/resource\/(dynamic|native|program)\/|^@pulumi\//.test(target),
  },
  {
    rule: "a cloud imports no other cloud",
    files: new RegExp(`^provider/(${CLOUDS})/`),
    allows: (target, cloud) => !isCloud(target) || target.startsWith(`provider/${cloud}/`),
  },
  {
    rule: "a client works without Pulumi",
    files: new RegExp(`^provider/(${CLOUDS})/client/`),
    allows: (target, cloud) =>
      target !== "@pulumi/pulumi" &&
      only(
        new RegExp(
          `^provider/(${cloud}/client|http|settings)/|^provider/(version|resource/lifecycle/poller)\\.ts$`,
        ),
      )(target, "", false),
  },
  {
    rule: "report, pull-request, testing and commands import no cloud",
    files: /^provider\/(report|pull-request|testing|commands)\//,
    allows: target => !isCloud(target) && !/^provider\/(kinds|report|testing|index|cli)\.ts$/.test(target),
  },
  {
    rule: "only what hands the kinds on imports them",
    files: /^provider\/(?!(?:report|testing|cli)\.ts$)/,
    allows: target => target !== "provider/kinds.ts",
  },
  {
    rule: "the provider does not import the server",
    files: /^provider\//,
    allows: target => !target.startsWith("server/"),
  },
  {
    rule: "the server's host imports no API",
    files: /^server\/host\//,
    allows: only(/^server\/(host\/|version\.ts$)/),
  },
  {
    rule: "an API of the server imports no other API",
    files: /^server\/apis\/([^/]+)\//,
    allows: (target, api) => !target.startsWith("server/apis/") || target.startsWith(`server/apis/${api}/`),
  },
  {
    rule: "model and operations import no HTTP",
    files: /^server\/apis\/[^/]+\/(?:model|operations)\//,
    allows: target =>
      !/^server\/host\/(http|control)\/|^server\/apis\/[^/]+\/(routes|openapi)\//.test(target) &&
      !/^(fastify|axios|(node:)?https?|(node:)?net)$/.test(target),
  },
  {
    rule: "the server imports of the provider only the wire types of a client, as types",
    files: /^server\//,
    allows: (target, _group, typeOnly) =>
      !target.startsWith("provider/") || (typeOnly && /^provider\/[^/]+\/client\/types\.ts$/.test(target)),
  },
];

export const NO_CIRCLE = "no circle of imports, types included";

/** Every folder and every file at the top: a new one gets its place here, and its rule above. */
export const PLACES =
  /^provider\/((http|settings|resource|tutum|ovh|linode|report|pull-request|testing|commands)\/|(index|report|testing|cli|kinds|version)\.ts$)|^server\/((host|apis\/[^/]+|commands|dashboard)\/|(index|cli|options|create-server|open-server|start-server|version)\.ts$)/;

/**
 * What does not keep to a rule yet: the file, and the folder or file that it still imports. One that is not needed any
 * more is an error, so this list only becomes shorter.
 * @type {{ rule: string, from: string, to: string }[]}
 */
export const EXCEPTIONS = [];
