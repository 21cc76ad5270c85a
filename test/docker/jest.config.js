// `npm run test:docker`: what needs root and a Docker daemon; one file after the other, since each starts its own daemons.

const config = require("../../jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...config,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/docker/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  maxWorkers: 1,
  testTimeout: 120_000,
};
