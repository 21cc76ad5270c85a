import { environment, Places } from "../../provider/settings/places";

const place = (name: string, values: Record<string, string | undefined>) => () => ({ name, values });

describe("places where settings may be", () => {
  test("each setting is taken from the first place that has it, and the place is known", () => {
    const places = new Places([
      place("code", { user: "me", key: "" }),
      place("the environment", { user: "other", key: "k" }),
    ]);
    expect(places.find("user")).toEqual({ value: "me", place: "code" });
    expect(places.find("key")).toEqual({ value: "k", place: "the environment" });
    expect(places.find("token")).toBeUndefined();
    expect(places.names).toBe("code, the environment");
  });

  test("a place is looked at once, and not before it is needed", () => {
    const looked: string[] = [];
    const noting = (name: string, values: Record<string, string>) => () => {
      looked.push(name);
      return { name, values };
    };
    const places = new Places([noting("code", { user: "me" }), noting("a file", { key: "k" })]);
    places.find("user");
    expect(looked).toEqual(["code"]);
    places.find("key");
    places.find("token");
    expect([looked, places.names]).toEqual([["code", "a file"], "code, a file"]);
  });

  test("the environment's variables are named as a place, also unset", () => {
    const variables = { key: "OVH_KEY", secret: "OVH_SECRET" };
    expect(environment({ OVH_KEY: "k" }, variables)).toEqual({
      name: "OVH_KEY and OVH_SECRET",
      values: { key: "k", secret: undefined },
    });
  });
});
