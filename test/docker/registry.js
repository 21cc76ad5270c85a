// A registry with one image, on a port of 127.0.0.1 in the network it runs in, for those who know the password. The image's
// only layer is handed out when this process is told so.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { gzipSync } = require("node:zlib");

const [layerFile = "", credentials = "", port = "5000"] = process.argv.slice(2);
const layer = readFileSync(layerFile);
/** @param {Buffer} bytes */
const digest = bytes => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const packed = gzipSync(layer);
const config = Buffer.from(
  JSON.stringify({
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: {
      Env: ["PATH=/bin", "PROBE=pulled"],
      Cmd: ["serve"],
      ExposedPorts: { "80/tcp": {} },
    },
    rootfs: { type: "layers", diff_ids: [digest(layer)] },
    history: [{ created_by: "a test" }],
  }),
);
/**
 * @param {string} mediaType
 * @param {Buffer} bytes
 */
const blobOf = (mediaType, bytes) => ({ mediaType, size: bytes.length, digest: digest(bytes) });
const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: blobOf("application/vnd.docker.container.image.v1+json", config),
    layers: [blobOf("application/vnd.docker.image.rootfs.diff.tar.gzip", packed)],
  }),
);
const released = new Promise(resolve => process.on("message", resolve));

createServer(async ({ method, url = "", headers }, response) => {
  const known = headers.authorization === `Basic ${Buffer.from(credentials).toString("base64")}`;
  /**
   * @param {number} status
   * @param {string} type
   * @param {Buffer} bytes
   */
  const answer = (status, type, bytes) => {
    response.writeHead(status, {
      "Content-Type": type,
      "Content-Length": bytes.length,
      "Docker-Content-Digest": digest(bytes),
      ...(status === 401 ? { "WWW-Authenticate": 'Basic realm="test"' } : {}),
    });
    response.end(method === "HEAD" ? undefined : bytes);
  };
  if (!known) return answer(401, "application/json", Buffer.from("{}"));
  if (url === "/v2/") return answer(200, "application/json", Buffer.from("{}"));
  if (url.includes("/manifests/")) return answer(200, MANIFEST, manifest);
  if (url.endsWith(digest(config))) return answer(200, "application/octet-stream", config);
  if (!url.endsWith(digest(packed))) return answer(404, "application/json", Buffer.from("{}"));
  if (method === "GET") await released;
  answer(200, "application/octet-stream", packed);
}).listen(Number(port), "127.0.0.1", () => process.send?.("ready"));
process.on("disconnect", () => process.exit());
