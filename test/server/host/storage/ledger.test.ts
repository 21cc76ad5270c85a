import fc from "fast-check";
import { Ledger } from "../../../../server/host/storage/ledger";
import { inMemoryStorage, type Storage } from "../../../../server/host/storage/storage";

type Kept = {
  books: { id: string; title: number };
  shelves: { id: string; title: number };
};

/** Stores when it is told to, or fails with all that waits. */
function scripted() {
  let waiting: { resolve(): void; reject(error: Error): void }[] = [];
  let rollBack = () => {};
  const append = () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
  const storage: Storage<Kept> = {
    ...inMemoryStorage,
    append,
    renew: append,
    onFailure: listener => (rollBack = listener),
  };
  const end = async (how: (one: (typeof waiting)[number]) => void) => {
    const ended = waiting;
    waiting = [];
    ended.forEach(how);
    await new Promise(resolve => setImmediate(resolve));
  };
  return {
    storage,
    store: () => end(one => one.resolve()),
    fail() {
      rollBack();
      return end(one => one.reject(new Error("full")));
    },
  };
}

const id = fc.integer({ min: 1, max: 4 }).map(n => `books/${n}`);
const shelf = fc.integer({ min: 1, max: 4 }).map(n => `shelves/${n}`);
const records = (ids: fc.Arbitrary<string>) =>
  fc.array(fc.record({ id: ids, title: fc.nat(9) }), { maxLength: 3 });
const event = fc.oneof(
  fc.record({
    put: fc.record({ books: records(id), shelves: records(shelf) }, { requiredKeys: [] }),
    deleted: fc.array(fc.oneof(id, shelf), { maxLength: 2 }),
    all: fc.boolean(),
  }),
  fc.constantFrom("store" as const, "fail" as const),
);

test("whatever is changed, replaced and fails: what is there is what was stored, in the order it came", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 20 }), async events => {
      const { storage, store, fail } = scripted();
      const ledger = new Ledger<Kept>(["books", "shelves"], () => false);
      ledger.keepIn(storage);
      let stored = ledger.state();
      for (const each of events) {
        if (each === "store") {
          await store();
          stored = ledger.state();
        } else if (each === "fail") {
          await fail();
          expect(ledger.state()).toEqual(stored);
        } else {
          const { put, deleted, all } = each;
          void (all ? ledger.replace(put) : ledger.change(put, deleted)).catch(() => {});
        }
      }
      await fail();
      expect(ledger.state()).toEqual(stored);
    }),
  );
});

test("a look is seen once all that it saw is stored, and again when that was undone", async () => {
  const { storage, store, fail } = scripted();
  const ledger = new Ledger<Kept>(["books", "shelves"], () => false);
  ledger.keepIn(storage);
  const titles = () => ledger.read(() => ledger.all("books").map(({ title }) => title));
  void ledger.change({ books: [{ id: "books/1", title: 1 }] }).catch(() => {});
  const undone = titles();
  await fail();
  expect(await undone).toEqual([]);
  void ledger.change({ books: [{ id: "books/1", title: 2 }] });
  const seen = titles();
  await store();
  expect(await seen).toEqual([2]);
});
