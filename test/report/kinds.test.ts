/** What a report says of kinds that it has never heard of: nothing in provider/report is changed for them. */
import { REPORTED_KINDS } from "../../provider/kinds";
import type { DataHolders } from "../../provider/report/data";
import { readPreviews } from "../../provider/report/read-previews";
import { render } from "../../provider/report/render";
import { reportOf } from "../../provider/report/report";
import { POLICIES } from "../../provider/report/verdict";
import { MACHINE, MADE_UP_KINDS, NAME } from "./made-up-cloud";

const APPLICATION = "pulumi-nodejs:dynamic/tutum:Application";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const urn = (type: string, name: string) => `urn:pulumi:prod::shop::${type}::${name}`;
const WEB = urn(APPLICATION, "web");
const ID = "00000000-0000-4000-8000-000000000001";

const web = {
  ...{ op: "replace", urn: WEB, replaceReasons: ["image"] },
  oldState: { id: ID, inputs: { image: "a/b:1", name: "web" } },
  newState: { inputs: { image: "a/b:2", name: "web" } },
};
const www = {
  ...{ op: "update", urn: urn(NAME.type, "www"), diffReasons: ["target"] },
  oldState: { id: "1", inputs: { fqdn: "www.example.org", target: ID, ttl: 300 } },
  newState: {
    id: "1",
    inputs: { fqdn: "www.example.org", target: UNKNOWN, ttl: 60 },
    propertyDependencies: { target: [WEB] },
  },
};
const machine = (op: string, before: object | undefined, after: object | undefined, more: object = {}) => ({
  ...{ op, urn: urn(MACHINE.type, "node"), ...more },
  ...(before && {
    oldState: { id: "7", inputs: { label: "node", ...before }, outputs: { status: "booting" } },
  }),
  ...(after && { newState: { id: "7", inputs: { label: "node", ...after } } }),
});
const reinstalled = machine(
  "replace",
  { image: "debian" },
  { image: "ubuntu" },
  { replaceReasons: ["image"] },
);

const KINDS = [...REPORTED_KINDS, ...MADE_UP_KINDS];
const report = (steps: object[], data: DataHolders = {}, kinds = KINDS) =>
  reportOf(kinds, readPreviews(JSON.stringify({ steps }), "digest"), {}, data);
const text = (...steps: object[]) => render(report(steps), { format: "text" });
const json = (...steps: object[]) => JSON.parse(render(report(steps), { format: "json" })).stacks[0];

test("a change is told in the operator's words of its kind, in the sentences of every kind", () => {
  expect(json(www, web).names[0].meaning).toBe(
    "www.example.org will point to web; resolvers may keep the old answer for 300 s, ttl changes in place",
  );
  expect(json(reinstalled).machines[0].meaning).toBe(
    "replaced because image changed: new addresses, disks are erased",
  );
  const steps = [
    { ...reinstalled, op: "delete-replaced" },
    { ...reinstalled, op: "create-replacement" },
  ];
  expect(text(...steps)).toContain(
    "new addresses, disks are erased; the old one is deleted first, so it is down until the new one runs",
  );
  const kept = machine("delete", { image: "debian" }, undefined);
  expect(text({ ...kept, oldState: { ...kept.oldState, retainOnDelete: true } })).toContain(
    "leaves the state, and keeps running, and costing, on the server: the program says retainOnDelete",
  );
  expect(text(machine("update", {}, {}))).toContain(
    "resumed, no property differs: it was booting when last seen",
  );
  expect(text(machine("delete-replaced", {}, undefined))).toContain("the machine itself stays");
});

test("it is a node of the diagram, and its link an edge to another cloud's resource", () => {
  const { links } = json(web, www);
  expect(links).toEqual([{ from: "www", to: "web", mark: "moves" }]);
  const markdown = render(report([web, www]));
  expect(markdown).toContain("accTitle: Linked resources");
  expect(markdown).toMatch(/"~ www, update".*"± web, replace"|"± web, replace".*"~ www, update"/s);
  expect(markdown).toContain("`www` (update) points to `web` (replace)");
  // Applications link to applications, whatever else is new.
  const linked = {
    ...{ op: "create", urn: urn(APPLICATION, "shop") },
    newState: { inputs: { image: "a/b", linkedToApplication: [{ application: UNKNOWN, name: "x" }] } },
  };
  const created = machine("create", undefined, { image: "debian", label: "x" });
  expect(json(linked, created).links).toEqual([{ from: "shop", to: "x", mark: "added" }]);
  expect(report([linked, created]).stacks[0]?.graph.edges[0]?.to).toBe("x");
});

test("whether data is lost, what is down and how dangerous it is, is known of it", () => {
  const [stack] = report([reinstalled]).stacks;
  expect(stack?.changes[0]).toMatchObject({ losesData: true, goesDown: false });
  expect(stack && POLICIES["data-loss"]?.(stack)).toBe(true);
  expect(render(report([reinstalled]))).toContain("1 to replace (data lost)");
  expect(report([reinstalled], { holdsNoData: ["node"] }).stacks[0]?.changes[0]?.losesData).toBe(false);
  const shrunk = report([machine("update", { gigabytes: 40 }, { gigabytes: 20 })]).stacks[0]?.changes[0];
  expect(shrunk).toMatchObject({ losesData: true, goesDown: true });
  const grown = report([machine("update", { gigabytes: 20 }, { gigabytes: 40 })]).stacks[0]?.changes[0];
  expect(grown).toMatchObject({ losesData: false, goesDown: true });
  // A record holds nothing, also where it is protected; unless the reader says so.
  const deleted = { op: "delete", urn: www.urn, oldState: { ...www.oldState, protect: true } };
  expect(report([deleted]).stacks[0]?.changes[0]?.losesData).toBe(false);
  expect(report([deleted], { holdsData: ["www"] }).stacks[0]?.changes[0]?.losesData).toBe(true);
  expect(report([www, web, deleted, reinstalled]).stacks[0]?.changes.map(({ name }) => name)).toEqual([
    "node",
    "web",
    "www",
  ]);
});

test("the order of a run says what cannot be reached afterwards, and what runs at once", () => {
  const deleted = { op: "delete", urn: www.urn, oldState: www.oldState };
  const lines = text(deleted, reinstalled);
  expect(lines).toContain("- www.example.org cannot be resolved afterwards.");
  expect(lines).toContain("- At most 2 machines at once.");
  expect(lines).not.toContain("Nothing that changes is down meanwhile.");
});

test("a table of several kinds says what each is; of one kind its head does", () => {
  const mixed = render(report([www, web]));
  expect(mixed).toContain("| operation | resource | change | what it means |");
  expect(mixed).toContain("`www` (DNS record)");
  expect(mixed).toContain("`web` (application)");
  expect(render(report([reinstalled]))).toContain("| operation | machine | change | what it means |");
  expect(render(report([web, www, reinstalled]), { declares: true })).toContain(
    "what this program declares: 1 application, 1 DNS record and 1 machine, compared with an empty stack",
  );
});

test("a secret of it is hidden, and so is its text wherever else it occurs", () => {
  const secret = "correct horse";
  const step = machine(
    "replace",
    { image: "debian", rootPass: "[secret]" },
    { image: secret, rootPass: secret },
  );
  for (const format of ["markdown", "html", "json", "text"] as const)
    expect(render(report([step]), { format })).not.toContain(secret);
  expect(text(step)).toContain("rootPass: a secret changes");
});

test("each kind has its list in the JSON, also when nothing of it changes", () => {
  expect(json(web)).toMatchObject({ applications: [{ name: "web" }], names: [], machines: [] });
  expect(Object.keys(json(web).applications[0]).sort()).toEqual(
    "cause changes goesDown losesData meaning name operation urn".split(" "),
  );
});

test("a kind that is not in the table is another resource, of which no values are shown", () => {
  const [stack] = report([reinstalled, www], {}, REPORTED_KINDS.slice()).stacks;
  expect(stack?.changes).toEqual([]);
  expect(stack?.others).toEqual([
    { name: "node", type: MACHINE.type, operation: "replace", properties: ["image"] },
    { name: "www", type: NAME.type, operation: "update", properties: ["target"] },
  ]);
  const rack = { op: "create", urn: urn("made-up:index:Rack", "rack") };
  expect(report([rack]).stacks[0]?.others).toEqual([]);
  expect(report([rack], {}, REPORTED_KINDS.slice()).stacks[0]?.others).toHaveLength(1);
});
