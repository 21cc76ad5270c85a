import { onlyProgram } from "../../provider/resource/program-frames";

const OWN = "/work/node_modules/pulumi-tutum/dist/";
const SDK = ["runtime/callsites.js", "resource.js"].map(file => `/work/node_modules/@pulumi/pulumi/${file}`);

/** What the SDK would see of a stack with frames in these files. */
function seen(...files: (string | undefined)[]): unknown {
  const frames = files.map(file => ({ getFileName: () => file }) as NodeJS.CallSite);
  return onlyProgram((_error, left) => left.map(frame => frame.getFileName()), OWN)(new Error(), frames);
}

test("a resource's stack is the SDK, one frame of ours, and the program", () => {
  const own = ["tutum/application.js", "tutum/application-stack.js"].map(file => OWN + file);
  const rest = [
    "/work/shop.ts",
    undefined,
    "node:internal/x",
    "/work/index.ts",
    "/work/node_modules/ts/x.js",
  ];
  expect(seen(...SDK, ...own, ...rest)).toEqual([...SDK, own[0], "/work/shop.ts", "/work/index.ts"]);
});

test("a program that is linked to this package's folder has its own frames only", () => {
  const linked = onlyProgram((_error, left) => left.map(frame => frame.getFileName()), "/src/tutum/dist/");
  const files = ["/src/tutum/dist/tutum/application.js", "/work/index.ts"];
  const frames = files.map(file => ({ getFileName: () => file }) as unknown as NodeJS.CallSite);
  expect(linked(new Error(), frames)).toEqual(files);
});

test.each([
  ["nobody makes a resource", [...SDK, "/work/index.ts"]],
  ["all is in packages", [...SDK, `${OWN}tutum/application.js`, "/work/node_modules/shop/index.js"]],
  ["there are no frames", []],
])("a stack stays as it is where %s", (_where, files) => {
  expect(seen(...files)).toEqual(files);
});
