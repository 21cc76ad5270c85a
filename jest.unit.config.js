// `npm run test:unit`: everything that needs no Pulumi CLI and no long loop, for use while working.

const config = require("./jest.config.js");

/** Kills, full disks, other processes and thousands of generated cases. */
const LONG = [
  "commands/cli",
  "ovh/commands",
  ..."corruption crash-points durability full-disk lock".split(" ").map(file => `host/storage/${file}`),
  ..."properties proxy/proxy-process python-client table".split(" ").map(file => `tutum/${file}`),
].map(file => `<rootDir>/test/server/${file}.test.ts`);

/** @type {import("jest").Config} */
module.exports = {
  ...config,
  testMatch: [
    "<rootDir>/test/*.test.ts",
    ..."commands http ovh pages pull-request report resource server settings testing tutum"
      .split(" ")
      .map(folder => `<rootDir>/test/${folder}/**/*.test.ts`),
  ],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/pull-request/workflow.test.ts", ...LONG],
};
