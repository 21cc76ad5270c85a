import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { type EmbeddedServer, startEmbeddedServer } from "../../../provider/testing";

const SCRIPT = resolve(__dirname, "../../../examples/client-script/scale.mjs");

describe("examples/client-script", () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer();
    const { applications } = server.client;
    const worker = await applications.create({ image: "tutum/hello-world", name: "worker" });
    await server.client.waitFor(worker, ["Running"]);
  });
  afterAll(() => server.close());

  const scale = (...args: string[]) =>
    new Promise<{ code: number | null; output: string }>((resolve, reject) => {
      const env = { PATH: process.env.PATH, ...server.env };
      const script = spawn(process.execPath, [SCRIPT, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      const note = (chunk: Buffer) => {
        output += chunk;
      };
      script.stdout.on("data", note);
      script.stderr.on("data", note);
      script.on("error", reject);
      script.on("close", code => resolve({ code, output: output.trim() }));
    });
  const running = async () => (await server.client.applications.find("worker")).running_num_containers;

  test("a container for every hundred jobs, within the limits, and nothing to do the second time", async () => {
    expect(await scale("worker", "--jobs", "250")).toEqual({ code: 0, output: "worker scaled from 1 to 3" });
    expect(await running()).toBe(3);
    expect(await scale("worker", "--jobs", "300")).toEqual({ code: 0, output: "worker stays at 3" });
    expect(await scale("worker", "--jobs", "9000", "--most", "5")).toEqual({
      code: 0,
      output: "worker scaled from 3 to 5",
    });
    expect(await scale("worker", "--jobs", "0")).toEqual({ code: 0, output: "worker scaled from 5 to 1" });
    expect(await running()).toBe(1);
  });

  test("what is missing is told in a sentence, without a stack trace", async () => {
    expect(await scale("wroker", "--jobs", "1")).toEqual({
      code: 1,
      output: 'There is no application with the name, unique name or uuid "wroker".',
    });
    expect(await scale("worker", "--jobs", "many")).toEqual({
      code: 2,
      output: "Usage: node scale.mjs APPLICATION --jobs N [--each 100] [--least 1] [--most 10]",
    });
  });
});
