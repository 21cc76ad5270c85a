/**
 * The only file that names all clouds: what reports, mocks and the command line know of their resources. Each loads its
 * part alone, so that a report needs neither a client nor Pulumi's SDK.
 */
import type { Command } from "./commands/command";
import type { ReportedKind } from "./report/kind";
import type { MockedKind } from "./testing/kind";
import { reportedApplication } from "./tutum/report/kind";

export const REPORTED_KINDS: readonly ReportedKind[] = [reportedApplication];

export function mockedKinds(): readonly MockedKind[] {
  const { mockedApplication } = require("./tutum/testing/kind") as typeof import("./tutum/testing/kind");
  return [mockedApplication];
}

/** Commands of one cloud, by the name that is typed. */
export const CLOUD_COMMANDS: Readonly<Record<string, () => Command>> = {
  convert: () => (require("./tutum/commands/convert") as typeof import("./tutum/commands/convert")).convert,
  export: () =>
    (require("./tutum/commands/export") as typeof import("./tutum/commands/export")).exportApplications,
  ovh: () => (require("./ovh/commands") as typeof import("./ovh/commands")).ovh,
};
