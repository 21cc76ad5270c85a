import { ApiError } from "../../../provider/http/api-error";
import { Poller } from "../../../provider/resource/lifecycle/poller";
import { VirtualClock } from "../../http/virtual-clock";

interface Lamp {
  id: string;
  state: "warming" | "shining" | "leaving";
}

/** Lamps that are warming until a time, and a count of the requests they are asked for by. */
class House {
  readonly clock = new VirtualClock();
  readonly asked: string[] = [];
  /** What the next requests fail with. */
  readonly failures: Error[] = [];
  readonly #until = new Map<string, number>();
  readonly poller = new Poller<Lamp>(
    {
      idOf: ({ id }) => id,
      isSettled: ({ state }) => state === "shining",
      isLeaving: ({ state }) => state === "leaving",
      shown: ({ state }) => state,
      pending: async warming => {
        this.#request(`list ${warming.length}`);
        const all = [...this.#until.keys()].map(id => this.#lamp(id));
        return new Map(
          all.filter(({ state }) => state !== "shining").map(({ id, state }) => [id, { state }]),
        );
      },
      get: async id => {
        this.#request(`get ${id}`);
        return this.#until.has(id) ? this.#lamp(id) : undefined;
      },
      late: ({ id }, deadline, trouble) =>
        new Error(`${id} is late by ${deadline}: ${trouble ?? "no trouble"}`),
    },
    this.clock,
  );

  add(id: string, until: number): Lamp {
    this.#until.set(id, until);
    return { id, state: "warming" };
  }

  remove(id: string): void {
    this.#until.delete(id);
  }

  #lamp(id: string): Lamp {
    return { id, state: this.clock.now() < (this.#until.get(id) ?? 0) ? "warming" : "shining" };
  }

  #request(what: string): void {
    this.asked.push(what);
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}

/** A house of so many lamps that warm up together. */
function houseOf(count: number) {
  const house = new House();
  const lamps = Array.from({ length: count }, (_, n) => house.add(`lamp-${n}`, 5_000));
  return { poller: house.poller, clock: house.clock, asked: house.asked, lamps };
}

const failure = (status: number) =>
  new ApiError({ message: `status ${status}`, method: "GET", path: "lamp/", status });

describe("a poller", () => {
  test("asks for all that wait as often as for one, and gets each once, when it is in the list no more", async () => {
    const askedFor = async (count: number) => {
      const { poller, clock, asked, ...house } = houseOf(count);
      const waits = house.lamps.map(lamp => poller.wait(lamp, { deadline: 60_000 }));
      const seen = await clock.run(Promise.all(waits));
      expect(seen.map(lamp => lamp?.state)).toEqual(waits.map(() => "shining"));
      const [lists, gets] = ["list", "get"].map(what => asked.filter(each => each.startsWith(what)).length);
      return { lists, gets };
    };
    const alone = await askedFor(1);
    expect(alone.gets).toBe(1);
    expect(await askedFor(20)).toEqual({ lists: alone.lists, gets: 20 });
  });

  test("takes one that is missing for gone after a few looks, one on its way out at once", async () => {
    const house = new House();
    const { poller, clock, asked } = house;
    const fresh = house.add("fresh", 60_000);
    house.remove("fresh");
    expect(await clock.run(poller.wait(fresh, { deadline: 60_000 }))).toBeUndefined();
    expect(asked.filter(what => what === "get fresh").length).toBe(3);
    expect(
      await clock.run(poller.wait({ id: "old", state: "leaving" }, { deadline: 60_000 })),
    ).toBeUndefined();
    expect(asked.filter(what => what === "get old").length).toBe(1);
  });

  test("waits out what may pass, and a refusal ends the wait that it is about", async () => {
    const house = new House();
    const { poller, clock, failures } = house;
    failures.push(failure(503), failure(429));
    expect(await clock.run(poller.wait(house.add("a", 2_000), { deadline: 60_000 }))).toBeDefined();
    failures.push(failure(403));
    await expect(clock.run(poller.wait(house.add("b", 9_000), { deadline: 60_000 }))).rejects.toThrow(
      "status 403",
    );
  });

  test("at the deadline looks once more, and says what was in its way", async () => {
    const house = new House();
    const { poller, clock, failures } = house;
    const late = await clock.run(
      poller.wait(house.add("a", 90_000), { deadline: 1_000 }).catch((error: Error) => error.message),
    );
    expect(late).toBe("a is late by 1000: no trouble");
    failures.push(...Array.from({ length: 99 }, () => failure(503)));
    const troubled = await clock.run(
      poller.wait(house.add("b", 90_000), { deadline: 1_000 }).catch((error: Error) => error.message),
    );
    expect(troubled).toBe("b is late by 1000: status 503");
  });

  test("ends with the signal's reason, and tells news once", async () => {
    const house = new House();
    const { poller, clock } = house;
    const news: string[] = [];
    const onProgress = ({ state }: Lamp) => news.push(state);
    await clock.run(poller.wait(house.add("a", 3_000), { deadline: 60_000, onProgress }));
    expect(news).toEqual(["shining"]);

    const cancelled = new AbortController();
    const wait = poller.wait(house.add("b", 90_000), { deadline: 60_000, signal: cancelled.signal });
    cancelled.abort(new Error("the user has had enough"));
    await expect(clock.run(wait)).rejects.toThrow("the user has had enough");
  });
});
