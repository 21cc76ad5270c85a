import { resolve } from "node:path";
import { devDependencies, exports } from "../../package.json";
import { Project, SDK, tarballs } from "./project";

const TSC = resolve(__dirname, "../../node_modules/typescript/bin/tsc");
const PROGRAM = `
import { type RunningServer, startServer } from "tutum-server";
import { ApplicationStack, type TutumApplicationArgs, TutumApplication, getApplicationOutput } from "pulumi-tutum";
import { type Application, TutumClient } from "pulumi-tutum/client";
import { application } from "pulumi-tutum/lifecycle";
import { OvhClient, type OvhClientOptions } from "pulumi-tutum/ovh/client";
import { readPreviews, render, reportOf } from "pulumi-tutum/report";
import { startEmbeddedServer, tutumMocks } from "pulumi-tutum/testing";

const args: TutumApplicationArgs = { image: "tutum/mysql", targetNumContainers: 2 };
export const db: TutumApplication = new TutumApplication("db", args);
export const found = getApplicationOutput({ application: db.id }).state;
export const stack = new ApplicationStack("shop", { applications: { web: { image: "tutum/wordpress" } } });
export const report: string = render(reportOf(readPreviews("{}", "preview.json")));
const keys: OvhClientOptions = { endpoint: "ovh-eu", applicationKey: "k", applicationSecret: "s", consumerKey: "c" };
export const ovh: OvhClient = new OvhClient(keys);
export const all = [application, startEmbeddedServer, tutumMocks];
export async function serve(): Promise<Application[]> {
  const server: RunningServer = await startServer({ apikey: "key" });
  await server.seed({ applications: { db: { image: "tutum/mysql" } } });
  const client = new TutumClient({ endpoint: server.url, user: server.user, apikey: server.apikey });
  const applications: Application[] = [];
  for await (const { uuid } of client.applications.list()) applications.push(await client.applications.get(uuid));
  return applications;
}
`;

/** What the compiler says of the program; nothing when it is right. */
async function compiled(project: Project): Promise<string> {
  return project.run([process.execPath, TSC]).catch((error: Error) => error.message);
}

describe("a TypeScript project that has both packed packages, and checks their declarations", () => {
  const project = new Project("npm");
  afterAll(() => project.remove());
  beforeAll(async () => {
    const types = { "@types/node": devDependencies["@types/node"] };
    project.write("package.json", { private: true, dependencies: { ...SDK, ...types, ...tarballs() } });
    const options = { target: "es2022", module: "nodenext", strict: true, skipLibCheck: false, noEmit: true };
    project.write("tsconfig.json", { compilerOptions: { ...options, types: ["node"] }, include: ["*.ts"] });
    await project.install();
  });

  test("compiles a program that imports every entry", async () => {
    const entries = Object.keys(exports).filter(entry => !entry.endsWith(".json"));
    for (const entry of entries) expect(PROGRAM).toContain(`"pulumi-tutum${entry.slice(1)}"`);
    project.write("program.ts", PROGRAM);
    expect(await compiled(project)).toBe("");
  });

  test("is told of an argument of a wrong type", async () => {
    project.write("program.ts", PROGRAM.replace("targetNumContainers: 2", 'targetNumContainers: "two"'));
    expect(await compiled(project)).toMatch(/program\.ts\(.*error TS2322: Type 'string' is not assignable/);
  });
});
