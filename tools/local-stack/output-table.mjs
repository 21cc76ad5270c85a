// The outputs of the example as a person reads them.

/** @typedef {{ uniqueName: string, state: string, containers: string | number, publicDns?: string }} ApplicationOutput */

/**
 * @param {{ applications?: Record<string, ApplicationOutput> } & Record<string, unknown>} outputs of `pulumi stack output --json`
 */
export function outputTable({ applications = {}, ...others }) {
  const rows = Object.entries(applications).map(([key, { uniqueName, state, containers, publicDns }]) => [
    key,
    uniqueName,
    state,
    `${containers}`,
    publicDns || "-",
  ]);
  const table = [["application", "unique name", "state", "containers", "public DNS"], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map(row => row[column]?.length ?? 0))) ?? [];
  const lines = table.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    ...lines,
    ...Object.entries(others).map(
      ([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
    ),
  ].join("\n");
}
