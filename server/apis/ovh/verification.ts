/** Who asks, and whether that may be: keys, clock, signature, address and rules, in this order. */
import { BlockList, isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { plainAddress } from "../../host/http/trusted-proxies";
import { refusals } from "./errors";
import type { Application, Credential } from "./model/records";
import { isGranted } from "./model/rules";
import { isSame, signatureOf } from "./model/signature";
import type { Books } from "./operations/books";
import { applicationOf, credentialOf, statusOf } from "./operations/credentials";
import { originOf, rulePath } from "./paths";

export interface Caller {
  application: Application;
  credential: Credential;
}

/** Seconds that a client's clock may be off. */
const WINDOW = 180;
/** With these methods OVH reads no body: one that was signed makes the signature a wrong one. */
const BODILESS = ["GET", "DELETE", "HEAD"];

/** Throws what is answered to a request that may not be. Undefined for those that need no consumer key. */
export function verify(books: Books, request: FastifyRequest, body: Buffer): Caller | undefined {
  const { headers, method } = request;
  const path = rulePath(request);
  if (method === "GET" && path.replace(/\/$/, "") === "/auth/time") return undefined;
  if (method === "POST" && path.replace(/\/$/, "") === "/auth/credential") {
    signerOf(books, request);
    return undefined;
  }
  const consumerKey = headers["x-ovh-consumer"]?.toString();
  const timestamp = headers["x-ovh-timestamp"]?.toString();
  const signature = headers["x-ovh-signature"]?.toString();
  if (!consumerKey || !timestamp || !signature) throw refusals.unsigned();

  const application = signerOf(books, request);
  const credential = credentialOf(books, consumerKey);
  if (credential?.applicationId !== application.applicationId) throw refusals.unknownConsumer();
  const now = books.clock.now();
  if (statusOf(credential, now) !== "validated") throw refusals.invalidConsumer();
  if (!isInTime(timestamp, now)) throw refusals.outOfTime();
  const expected = signatureOf({
    applicationSecret: application.applicationSecret,
    consumerKey,
    method,
    url: originOf(request) + request.url,
    body: BODILESS.includes(method) ? Buffer.alloc(0) : body,
    timestamp,
  });
  if (!isSame(signature, expected)) throw refusals.wrongSignature();
  if (!isAllowed(credential.allowedIPs, request.socket.remoteAddress)) throw refusals.foreignAddress();
  if (!isGranted(credential.rules, method, path)) throw refusals.notGranted();
  return { application, credential };
}

/** The application that a request names. */
export function signerOf(books: Books, { headers }: FastifyRequest): Application {
  const application = applicationOf(books, headers["x-ovh-application"]?.toString() ?? "");
  if (!application) throw refusals.unknownApplication();
  return application;
}

/** An address, or a network as in `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

function isInTime(timestamp: string, now: number): boolean {
  return /^\d{1,15}$/.test(timestamp) && Math.abs(Number(timestamp) - Math.floor(now / 1_000)) <= WINDOW;
}

function isAllowed(networks: readonly string[] | null, remote: string | undefined): boolean {
  if (networks === null || networks.length === 0) return true;
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(prefix ?? (family === "ipv6" ? 128 : 32)), family);
  }
  const address = plainAddress(remote ?? "");
  return isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
