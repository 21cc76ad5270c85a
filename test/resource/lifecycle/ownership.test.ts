import { Ownership } from "../../../provider/resource/lifecycle/ownership";
import { markerIn, newOwner } from "../../../provider/resource/lifecycle/ownership-marker";

describe("who has what in one run", () => {
  test("what no resource was seen to have is nobody's", () => {
    const ownership = new Ownership();
    expect(ownership.isTaken("1")).toBe(false);
    expect(ownership.isOf("1", "hall")).toBe(false);
    expect(ownership.isOfAnother("1", "hall")).toBe(false);
    expect(ownership.isInUse("1", undefined)).toBe(false);
  });

  test("what a resource was seen to have is its own, and another one's for all others", () => {
    const ownership = new Ownership();
    ownership.seen("1", "hall");
    expect([ownership.isOf("1", "hall"), ownership.isOfAnother("1", "hall")]).toEqual([true, false]);
    expect([ownership.isOf("1", "attic"), ownership.isOfAnother("1", "attic")]).toEqual([false, true]);
  });

  test("one without a name of its own is a resource, too", () => {
    const ownership = new Ownership();
    ownership.seen("1", undefined);
    expect(ownership.isTaken("1")).toBe(true);
    expect(ownership.isOf("1", undefined)).toBe(true);
    expect(ownership.isOfAnother("1", "hall")).toBe(true);
  });

  test("of two that claim the same thing the second is refused, and the first may claim it again", () => {
    const ownership = new Ownership();
    expect(ownership.claim("1", "hall")).toBe(true);
    expect(ownership.claim("1", "attic")).toBe(false);
    expect(ownership.claim("1", "hall")).toBe(true);
    expect(ownership.claim("2", "attic")).toBe(true);
  });

  test("one that was renamed may claim it by its name in the state first, and no other one afterwards", () => {
    const ownership = new Ownership();
    expect(ownership.claim("1", "hall", "hall")).toBe(true);
    expect(ownership.claim("1", "lobby", "hall")).toBe(true);
    expect(ownership.claim("1", "attic", "attic")).toBe(false);
    expect(ownership.claim("1", "hall")).toBe(false);
  });

  test("what a creation took over is in use, whoever asks", () => {
    const ownership = new Ownership();
    const adoption = ownership.tookOver("1");
    expect(ownership.tookOver("2")).not.toBe(adoption);
    expect([ownership.isInUse("1", undefined), ownership.isInUse("1", adoption)]).toEqual([true, true]);
  });

  test("of what the state lists twice, the entry that the program does not keep is in use by the other one", () => {
    const ownership = new Ownership();
    ownership.keeps("1", "hall", "adopted in this creation");
    expect(ownership.isInUse("1", undefined)).toBe(true);
    expect(ownership.isInUse("1", "adopted in this creation")).toBe(false);
    ownership.keeps("2", "attic", undefined);
    expect(ownership.isInUse("2", undefined)).toBe(false);
  });
});

describe("the marker on what a stack has made", () => {
  test("is the same for the same resource of the same stack, but for which creation it was", () => {
    const [first, second] = [newOwner("stack", "hall"), newOwner("stack", "hall")];
    expect(first.marker).toBe(second.marker);
    expect(first.mark).not.toBe(second.mark);
    expect([first.mark, second.mark].map(markerIn)).toEqual([first.marker, first.marker]);
    expect(newOwner("other stack", "hall").marker).not.toBe(first.marker);
    expect(newOwner("stack", "attic").marker).not.toBe(first.marker);
  });

  test("of a stack without an identity proves nothing beyond its creation", () => {
    expect(newOwner(undefined, "hall").marker).toBeUndefined();
    expect(newOwner(undefined, "hall").mark).not.toBe(newOwner(undefined, "hall").mark);
  });
});
