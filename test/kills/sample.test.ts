import { FEWER_CHECKPOINTS, killRuns } from "./matrix";
import { POINTS } from "./points";

const at = (operation: string, name: string) => {
  const point = POINTS.find(one => one.operation === operation && one.name === name);
  if (!point) throw new Error(`There is no point "${operation}: ${name}".`);
  return point;
};

describe("a run that is killed: after the steps of docs/recovery.md everything is as declared (`npm run test:kills` runs them all)", () => {
  killRuns([
    { kind: "SIGINT twice", point: at("create", "POST carried out, not answered") },
    { kind: "SIGINT once", point: at("update", "PATCH carried out, not answered") },
    { kind: "SIGKILL of the CLI", point: at("replace", "POST carried out, not answered") },
    { kind: "SIGKILL of the provider", point: at("destroy", "DELETE carried out, not answered") },
    { kind: "SIGKILL of the server", point: at("create", "POST carried out, not answered") },
    { kind: "SIGKILL of the server", point: at("destroy", "terminating, waiting") },
  ]);
});

describe("a run without checkpoints that is killed: what it did is in no state, and is found all the same", () => {
  killRuns(
    [
      { kind: "SIGKILL of the CLI", point: at("create", "in the middle: 4th POST") },
      { kind: "SIGKILL of the CLI", point: at("replace", "POST carried out, not answered") },
      { kind: "SIGKILL of the CLI", point: at("destroy", "DELETE carried out, not answered") },
    ],
    FEWER_CHECKPOINTS,
  );
});
