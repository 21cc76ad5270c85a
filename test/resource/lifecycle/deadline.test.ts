import { timeLeft } from "../../../provider/resource/lifecycle/deadline";
import { VirtualClock } from "../../http/virtual-clock";

describe("the time of an operation", () => {
  test.each<[string, object, number | undefined, number]>([
    ["of which nothing is said", {}, undefined, 600_000],
    ["that the program limits", { create: "1h30m", delete: "1s" }, undefined, 5_400_000],
    ["limited for another operation", { update: "20s" }, undefined, 600_000],
    ["in parts", { create: "1.5s250ms" }, undefined, 1_750],
    ["of which the engine speaks, whose word counts", { create: "1h" }, 5_000, 5_000],
  ])("%s", (_what, deadlines, timeout, expected) => {
    const clock = new VirtualClock();
    expect(timeLeft({ clock, timeout }, { deadlines }, "create")()).toBe(expected);
  });

  test("passes in all its waits together, and never below zero", async () => {
    const clock = new VirtualClock();
    const left = timeLeft({ clock, timeout: 5_000 }, {}, "delete");
    await clock.run(clock.sleep(3_000));
    expect(left()).toBe(2_000);
    await clock.run(clock.sleep(3_000));
    expect(left()).toBe(0);
  });
});
