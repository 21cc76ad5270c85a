/** A small API that is made up, to stand beside Tutum's on one server: notes, kept under their ids. */
import type { Api, Guest } from "../../../server/host/api";
import { HostError } from "../../../server/host/errors";
import type { Change, Collections, Records } from "../../../server/host/storage/records";
import type { Storage } from "../../../server/host/storage/storage";

export interface Note {
  id: string;
  text: string;
  at: number;
}

interface Kept {
  notes: Note;
}

class Notes implements Records<Kept> {
  readonly all = new Map<string, Note>();

  apply({ put, deleted }: Change<Kept>): void {
    for (const note of put.notes ?? []) this.all.set(note.id, note);
    for (const id of deleted) this.all.delete(id);
  }

  state(): Collections<Kept> {
    return { notes: [...this.all.values()] };
  }

  outdatesSecrets({ deleted }: Change<Kept>): boolean {
    return deleted.length > 0;
  }
}

export const NOTES_KEY = "let-me-in";

export const notesApi: Guest = async ({ clock, random, store }) => {
  const notes = new Notes();
  const storage: Storage<Kept> = await store("notes", notes);
  const change = async (made: Change<Kept>) => {
    notes.apply(made);
    await storage.append(made);
  };
  const api: Api = {
    name: "notes",
    standIn: true,
    owns: () => true,
    authenticate: request => request.headers["x-notes-key"] === NOTES_KEY,
    callerOf: request => (request.headers["x-notes-key"] === NOTES_KEY ? "writer" : null),
    errorBody: (status, message) => ({ message, errorCode: status }),
    redaction: {
      query: query => ({ value: query, cut: false }),
      body: () => ({ value: "(a note)", cut: false }),
    },
    headers: () => ({ "X-Notes": "1" }),
    parseQuery: text => Object.fromEntries(new URLSearchParams(text)),
    routes(app) {
      app.get("/notes", async () => [...notes.all.values()]);
      app.post<{ Body: { text?: unknown } }>("/notes", async ({ body }, reply) => {
        if (typeof body?.text !== "string") throw new HostError(422, "A note needs a text.");
        const note = { id: random.uuid(), text: body.text, at: clock.now() };
        await change({ put: { notes: [note] }, deleted: [] });
        return reply.code(201).send(note);
      });
      app.get("/broken", async () => {
        throw new Error("a secret of the machine");
      });
    },
    state: () => ({ notes: notes.all.size }),
    health: async () => ({ ok: true, details: { notes: "ok" } }),
    storage,
    resume: async () => {},
    idle: async () => {},
    async reset() {
      const { size } = notes.all;
      notes.all.clear();
      await storage.renew();
      return size;
    },
  };
  return api;
};
