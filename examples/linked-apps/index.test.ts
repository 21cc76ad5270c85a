import { type RanProgram, runProgram } from "pulumi-tutum/testing";

let program: RanProgram;
beforeAll(async () => {
  const config = { databasePassword: "pass", webContainers: "3" };
  program = await runProgram(() => import("./index"), { config });
});

test("WordPress has three containers, linked to the database, and both have the password", () => {
  const { db, web } = program.applications;
  expect(db?.containerEnvvars).toEqual({ MYSQL_PASS: "pass" });
  expect(web).toMatchObject({
    containerEnvvars: { DB_PASS: "pass" },
    linkedToApplication: [{ application: db?.id, name: "db" }],
    targetNumContainers: 3,
  });
});
