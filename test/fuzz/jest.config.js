// `npm run test:fuzz`: what comes from outside, generated. Each test plays a fixed seed and one that is new each time.

const config = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...config,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/fuzz/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  verbose: true, // a seed is in its test's title, and is to be seen when the test passes, too
  // However long it is wanted, it may take.
  testTimeout: process.env.FUZZ_COUNT ? 24 * 3_600_000 : 600_000,
};
