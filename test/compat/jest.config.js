// `npm run test:compat`: what `npm test` leaves out, because it needs two more versions of the Pulumi SDK and a Node.

const config = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...config,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/compat/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  globalSetup: "<rootDir>/test/compat/make-projects.js",
  globalTeardown: "<rootDir>/test/compat/remove-projects.js",
  testTimeout: 180_000,
};
