/** The client in one file, as for a Lambda or a GitHub Action, and a program in one file, which Pulumi runs. */

import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Stack } from "../engine/stack";
import { made } from "./made";
import { Project, SDK, tarballs } from "./project";

const { packages, tools } = made();
const { version } = packages["pulumi-tutum"];
const ESBUILD = join(tools.bin, "../esbuild-wasm/bin/esbuild");

/** What makes `DIR/index.js` of `index.js`; what is installed beside the bundle may stay out of it. */
const BUNDLERS = {
  esbuild: (folder: string, external: string[]) => [
    ...[process.execPath, ESBUILD, "index.js", "--bundle", "--platform=node", "--log-level=warning"],
    ...[`--outfile=${folder}/index.js`, ...external.map(name => `--external:${name}`)],
  ],
  ncc: (folder: string, external: string[]) => [
    ...["ncc", "build", "index.js", "--quiet", "--out", folder],
    ...external.flatMap(name => ["--external", name]),
  ],
};

const CLIENT = `
const { TutumClient } = require("pulumi-tutum/client");
const client = new TutumClient({ endpoint: process.argv[2], user: "me", apikey: "key", env: {} });
(async () => {
  for await (const application of client.applications.list()) console.log(application.name);
})();
`;

const project = new Project("npm");
let server: Server;
const agents: unknown[] = [];

beforeAll(async () => {
  project.write("package.json", { private: true, dependencies: { ...SDK, ...tarballs() } });
  await project.install();
  server = createServer((request, answer) => {
    agents.push(request.headers["user-agent"]);
    const meta = { limit: 25, offset: 0, next: null, previous: null, total_count: 0 };
    answer.setHeader("content-type", "application/json").end(JSON.stringify({ meta, objects: [] }));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await new Promise(resolve => server.close(resolve));
  project.remove();
});

describe.each(["esbuild", "ncc"] as const)("%s", bundler => {
  const command = BUNDLERS[bundler];

  test("makes one file of a script with the client, which says this package's version wherever it is", async () => {
    project.write("index.js", CLIENT);
    const elsewhere = new Project("npm");
    try {
      const folder = join(elsewhere.folder, "a/b/c");
      mkdirSync(folder, { recursive: true });
      await project.run(command(folder, []));
      // Another package's, where this package has its own.
      elsewhere.write("package.json", { name: "another", version: "9.9.9" });
      agents.length = 0;
      const { port } = server.address() as AddressInfo;
      await elsewhere.run([process.execPath, "a/b/c/index.js", `http://127.0.0.1:${port}`]);
      expect(agents).toEqual([`pulumi-tutum/${version}`]);
    } finally {
      elsewhere.remove();
    }
  });

  test("makes one file of a program, which Pulumi runs", async () => {
    project.add("programs/commonjs", ".");
    const main = `bundled-${bundler}`;
    await project.run(command(main, ["@pulumi/pulumi"]));
    project.write("Pulumi.yaml", { name: "packed-commonjs", runtime: "nodejs", main });
    const stack = await Stack.create("test/packages/programs/commonjs");
    try {
      const bundled = stack.at(project.folder);
      bundled.env.CONTAINERS = "1";
      const up = await bundled.up();
      expect([up.code, up.steps, up.code === 0 || up.output]).toEqual([0, ["create db", "create web"], true]);
      expect((await bundled.preview()).steps).toEqual([]);
      expect((await bundled.destroy()).steps).toEqual(["delete web", "delete db"]);
    } finally {
      await stack.dispose();
    }
  });
});
