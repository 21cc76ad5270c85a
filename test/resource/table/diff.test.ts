import { changedProperties, diffFields, replacedProperties } from "../../../provider/resource/table/diff";
import type { FieldTable } from "../../../provider/resource/table/field";
import { expectedOutputs } from "../../../provider/resource/table/outputs";
import { UNKNOWN } from "../../../provider/resource/table/unknown";
import { lampFields } from "../made-up";

const fields: FieldTable<never> = lampFields;
const outputs = { place: "hall", brightness: 50, labels: { floor: "1", "made.by": "us" }, bulbs: ["a", "b"] };
const diff = (changed: Record<string, unknown>) => diffFields(fields, outputs, { ...outputs, ...changed });

describe("a difference", () => {
  test("of an object is told key by key, of a list as a whole", () => {
    expect(
      diff({ labels: { floor: "2", room: "12", "sold-by": "them" }, bulbs: ["a", "c"], place: "attic" }),
    ).toEqual({
      "labels.floor": { kind: "update", replace: false },
      "labels.room": { kind: "add", replace: false },
      'labels["sold-by"]': { kind: "add", replace: false },
      'labels["made.by"]': { kind: "delete", replace: false },
      bulbs: { kind: "update", replace: true },
      place: { kind: "update", replace: true },
    });
  });

  test("names its properties once each", () => {
    const entries = diff({ labels: { 'a"]b.c': "1", floor: "2" }, place: "attic" });
    expect(changedProperties(entries)).toEqual(["place", "labels"]);
    expect(replacedProperties(entries)).toEqual(["place"]);
  });

  test("of an unknown value is an update, in an object that of its key", () => {
    expect(diff({ labels: { floor: UNKNOWN, "made.by": "us" }, brightness: UNKNOWN })).toEqual({
      "labels.floor": { kind: "update", replace: false },
      brightness: { kind: "update", replace: false },
    });
    expect(diff({ labels: UNKNOWN })).toEqual({ labels: { kind: "update", replace: false } });
  });

  test("of what is only stored or acted on replaces nothing", () => {
    expect(diff({ note: "new", on: "yes" })).toEqual({
      note: { kind: "add", replace: false },
      on: { kind: "add", replace: false },
    });
  });

  test("from nothing is an addition, to nothing a deletion, also where there is a default", () => {
    const { brightness, labels, ...bare } = outputs;
    expect(diffFields(fields, bare, { ...outputs, brightness: 70 })).toEqual({
      brightness: { kind: "add", replace: false },
      "labels.floor": { kind: "add", replace: false },
      'labels["made.by"]': { kind: "add", replace: false },
    });
    expect(diffFields(fields, { ...outputs, brightness: 70 }, bare)).toEqual({
      brightness: { kind: "delete", replace: false },
      labels: { kind: "delete", replace: false },
    });
  });
});

describe("outputs that are expected", () => {
  test("before a creation: what is declared, and nothing known of what the server decides", () => {
    expect(expectedOutputs(fields, { place: "hall", brightness: UNKNOWN })).toEqual({
      place: "hall",
      brightness: UNKNOWN,
      bulbs: UNKNOWN,
      derived: ["bulbs"],
    });
  });

  test("before an update: what the server decided stays", () => {
    expect(expectedOutputs(fields, { place: "hall", note: "new" }, outputs)).toEqual({
      place: "hall",
      note: "new",
      bulbs: ["a", "b"],
      derived: ["bulbs"],
    });
  });
});
