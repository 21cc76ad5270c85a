// `npm run test:unit`: everything that needs no Pulumi CLI and no long loop, for use while working.

const config = require("./jest.config.js");

/** @type {import("jest").Config} */
module.exports = {
  ...config,
  testMatch: "http pages program provider report resource server settings stack-file"
    .split(" ")
    .map(folder => `<rootDir>/test/${folder}/**/*.test.ts`),
  testPathIgnorePatterns: [
    "/node_modules/",
    "<rootDir>/test/report/workflow.test.ts",
    // Kills, full disks, other processes and thousands of generated cases.
    ..."cli corruption crash-points durability full-disk lock properties proxy-process python-client table"
      .split(" ")
      .map(file => `<rootDir>/test/server/${file}.test.ts`),
  ],
};
