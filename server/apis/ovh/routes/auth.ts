/** The clock, consumer keys, applications. */
import type { FastifyInstance } from "fastify";
import {
  application,
  credential,
  credentialRequest,
  newCredential,
  nothing,
  numbers,
  text,
} from "../openapi/schemas";
import {
  getApplication,
  getCredential,
  listApplications,
  listCredentials,
  logOut,
  removeCredential,
  requestCredential,
  viewOf,
} from "../operations/credentials";
import { originOf, VALIDATION } from "../paths";
import { isNetwork, signerOf } from "../verification";
import { endpoints, type Parts } from "./endpoint";

export function authRoutes(app: FastifyInstance, parts: Parts): void {
  const { books, callerOf, lastUse } = parts;
  endpoints(app, parts, "auth", {
    "/auth/time": {
      GET: {
        summary: "The server's time in seconds; no key is needed",
        answer: { type: "integer" },
        handle: () => Math.floor(books.clock.now() / 1_000),
      },
    },
    "/auth/credential": {
      POST: {
        summary: "Ask for a consumer key; only the application key is needed",
        body: credentialRequest,
        answer: newCredential,
        async handle(request) {
          const signer = signerOf(books, request);
          const { consumerKey, token } = await requestCredential(books, signer, request.body, isNetwork);
          const validationUrl = `${originOf(request)}${VALIDATION}?credentialToken=${token}`;
          return { consumerKey, validationUrl, state: "pendingValidation" };
        },
      },
    },
    "/auth/currentCredential": {
      GET: {
        summary: "The consumer key that asks",
        answer: credential,
        handle(request) {
          const { credential: own } = callerOf(request);
          return viewOf(own, books.clock.now(), lastUse(own.id));
        },
      },
    },
    "/auth/logout": {
      POST: {
        summary: "The consumer key that asks is expired from then on",
        answer: nothing,
        handle: request => logOut(books, callerOf(request).credential),
      },
    },
  });
  endpoints(app, parts, "me", {
    "/me/api/application": {
      GET: { summary: "Applications", answer: numbers, handle: () => listApplications(books) },
    },
    "/me/api/application/:id": {
      GET: {
        summary: "An application, without its secret",
        answer: application,
        handle: ({ params }) => getApplication(books, params.id),
      },
    },
    "/me/api/credential": {
      GET: {
        summary: "Consumer keys",
        query: { applicationId: text, status: text },
        answer: numbers,
        handle: ({ query }) => listCredentials(books, query),
      },
    },
    "/me/api/credential/:id": {
      GET: {
        summary: "A consumer key, without the key",
        answer: credential,
        handle: ({ params }) => getCredential(books, params.id, lastUse),
      },
      DELETE: {
        summary: "Remove a consumer key",
        answer: nothing,
        handle: ({ params }) => removeCredential(books, params.id),
      },
    },
  });
}
