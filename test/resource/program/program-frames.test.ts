import { onlyProgram } from "../../../provider/resource/program/program-frames";

const OWN = "/program/node_modules/pulumi-tutum/dist/";
const SDK = ["runtime/callsites.js", "resource.js"].map(
  file => `/program/node_modules/@pulumi/pulumi/${file}`,
);

/** What the SDK would see of a stack with frames in these files. */
function seen(...files: (string | undefined)[]): unknown {
  const frames = files.map(file => ({ getFileName: () => file }) as NodeJS.CallSite);
  return onlyProgram((_error, left) => left.map(frame => frame.getFileName()), OWN)(new Error(), frames);
}

test("a resource's stack is the SDK, one frame of ours, and the program", () => {
  const own = ["tutum/application.js", "tutum/application-stack.js"].map(file => OWN + file);
  const rest = [
    "/program/shop.ts",
    undefined,
    "node:internal/x",
    "/program/index.ts",
    "/program/node_modules/ts/x.js",
  ];
  expect(seen(...SDK, ...own, ...rest)).toEqual([...SDK, own[0], "/program/shop.ts", "/program/index.ts"]);
});

test("a program that is linked to this package's folder has its own frames only", () => {
  const linked = onlyProgram((_error, left) => left.map(frame => frame.getFileName()), "/src/tutum/dist/");
  const files = ["/src/tutum/dist/tutum/application.js", "/program/index.ts"];
  const frames = files.map(file => ({ getFileName: () => file }) as unknown as NodeJS.CallSite);
  expect(linked(new Error(), frames)).toEqual(files);
});

test.each([
  ["nobody makes a resource", [...SDK, "/program/index.ts"]],
  ["all is in packages", [...SDK, `${OWN}tutum/application.js`, "/program/node_modules/shop/index.js"]],
  ["there are no frames", []],
])("a stack stays as it is where %s", (_where, files) => {
  expect(seen(...files)).toEqual(files);
});
