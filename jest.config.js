/** @type {import("jest").Config} */
module.exports = {
  testMatch: ["<rootDir>/test/**/*.test.ts", "<rootDir>/examples/**/*.test.ts"],
  // `npm run test:compat`, `test:docker`, `test:fuzz`, `test:packages` and `test:kills`
  testPathIgnorePatterns: [
    "/node_modules/",
    ...["compat", "docker", "fuzz", "packages", "kills/matrix"].map(group => `<rootDir>/test/${group}/`),
  ],
  transform: {
    // Types are checked by `npm run check`; here each file is only transpiled.
    "\\.ts$": [
      "ts-jest",
      {
        tsconfig: {
          module: "commonjs",
          moduleResolution: "node10",
          isolatedModules: true,
          target: "es2022",
          useDefineForClassFields: false,
          esModuleInterop: true,
        },
      },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/server/dist/"],
  reporters: ["default", "<rootDir>/tools/jest-summary-reporter.js"],
  maxWorkers: "100%",
  testTimeout: 30_000,
};
