// `npm run test:kills`: a run of Pulumi cut short at every point in every way, of which `npm test` takes a sample.

const config = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...config,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/kills/matrix/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};
