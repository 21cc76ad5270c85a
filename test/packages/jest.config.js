// `npm run test:packages`: what `npm test` leaves out, because it installs packages from the registry.

const config = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...config,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/packages/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  globalSetup: "<rootDir>/test/packages/make-packages.js",
  globalTeardown: "<rootDir>/test/packages/remove-packages.js",
  testTimeout: 300_000,
};
