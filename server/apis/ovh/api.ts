/** OVH's API 1.0 as the host serves it, to stand in for the vendor's in development and tests. */
import type { FastifyRequest } from "fastify";
import type { Api, Shared } from "../../host/api";
import { Ledger } from "../../host/storage/ledger";
import { clientEnvironment } from "./client-environment";
import { errorBody, INVALID_URL, NO_SUCH_URL, refusals } from "./errors";
import { newAccount, newApplication } from "./model/new-account";
import { COLLECTIONS, isSecret, type Kept } from "./model/records";
import { documentApi } from "./openapi/document";
import type { Books } from "./operations/books";
import { applicationOf, ensureOwnCredential } from "./operations/credentials";
import { BASES, isOfApi } from "./paths";
import { queryIds } from "./query-ids";
import { redaction } from "./redaction";
import { accountRoutes } from "./routes/account";
import { authRoutes } from "./routes/auth";
import type { Parts } from "./routes/endpoint";
import { validationPage } from "./routes/validation-page";
import { zoneRoutes } from "./routes/zones";
import { type Caller, verify } from "./verification";

export async function createOvhApi({ clock, random, logger, store }: Shared): Promise<Api> {
  const ledger = new Ledger<Kept>(COLLECTIONS, isSecret);
  const storage = await store("ovh", ledger);
  ledger.keepIn(storage);
  const books: Books = { ledger, clock, random };
  if (ledger.find("accounts", "me") === undefined) {
    await ledger.change({ ...newAccount(random, clock.now()), applications: [newApplication(random)] });
  }

  const callers = new WeakMap<FastifyRequest, Caller>();
  const used = new Map<string, number>();
  const parts: Parts = {
    books,
    callerOf(request) {
      const caller = callers.get(request);
      if (!caller) throw refusals.unsigned();
      return caller;
    },
    lastUse: credential => used.get(credential),
  };
  const nextQueryId = queryIds(clock.now());

  return {
    name: "ovh",
    standIn: true,
    owns: isOfApi,
    // The headers alone do not tell.
    authenticate: () => true,
    verify(request, body) {
      const caller = verify(books, request, body);
      if (!caller) return;
      callers.set(request, caller);
      used.set(caller.credential.id, clock.now());
    },
    callerOf(request) {
      const key = request.headers["x-ovh-application"]?.toString();
      if (key === undefined) return null;
      // No secret, and no other is shown: it may be one in the wrong place.
      return applicationOf(books, key)?.applicationKey ?? "***";
    },
    errorBody: (status, message) =>
      status === 404 ? errorBody(404, NO_SUCH_URL, INVALID_URL) : errorBody(status, message),
    redaction,
    headers: () => ({ "X-OVH-QUERYID": nextQueryId() }),
    parseQuery: text =>
      Object.fromEntries([...new URLSearchParams(text)].filter(([name]) => name !== "__proto__")),
    document: documentApi,
    routes(app) {
      authRoutes(app, parts);
      accountRoutes(app, parts);
      zoneRoutes(app, parts);
      validationPage(app, books);
    },
    async environment({ url, folder }) {
      const [application] = ledger.all("applications");
      const { consumerKey } = await ensureOwnCredential(books);
      return clientEnvironment(
        {
          endpoint: url + BASES[0],
          applicationKey: application?.applicationKey ?? "",
          applicationSecret: application?.applicationSecret ?? "",
          consumerKey,
        },
        folder,
        logger,
      );
    },
    state: () => ({
      ovh: { zones: ledger.all("zones").length, records: ledger.all("records").length },
    }),
    health: async () => ({ ok: true, details: {} }),
    storage,
    resume: async () => {},
    idle: () => ledger.idle(),
    async reset() {
      const { length } = ledger.all("records");
      await beginAnew(books);
      return length;
    },
  };
}

/** The account is as new; its application and the server's own key stay. */
async function beginAnew({ ledger, clock, random }: Books): Promise<void> {
  await ledger.replace({
    ...newAccount(random, clock.now()),
    applications: ledger.all("applications"),
    credentials: ledger.all("credentials").filter(({ own }) => own),
  });
}
