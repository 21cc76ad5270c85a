// The pinned Pulumi: the same number as in package.json and cli/go.mod (a test compares them).

export const PULUMI_VERSION = "3.245.0";

/** What a Pulumi CLI needs to run Node programs with dynamic resources. */
export const PROGRAMS = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

/**
 * @param {string} found as printed by `pulumi version`
 * @returns {boolean} whether programs of the pinned SDK run with it
 */
export function isNewEnough(found) {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(found);
  if (!parts) return false;
  const [major = 0, minor = 0] = parts.slice(1).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = PULUMI_VERSION.split(".").map(Number);
  return major === wantedMajor && minor >= wantedMinor;
}
