import { diffFields } from "../../../provider/resource/table/diff";
import { inputsOf, outputsOf } from "../../../provider/resource/table/outputs";
import { UNKNOWN } from "../../../provider/resource/table/unknown";
import type { Application } from "../../../provider/tutum/client";
import { check } from "../../../provider/tutum/lifecycle/check";
import { applicationFields } from "../../../provider/tutum/lifecycle/fields";
import { contextWith } from "./operation";

const context = contextWith();
const DB = "7eaf7fff-882c-4f3d-9a8f-a22317ac00ce";
const CACHE = "1f234d1d-dae5-46c1-9ee5-770575fe3e6f";

const application = {
  autodestroy: "OFF",
  autoreplace: "OFF",
  autorestart: "OFF",
  container_envvars: [{ application: "", key: "A", value: "1" }],
  container_ports: [
    { application: "", inner_port: 443, outer_port: null, protocol: "tcp" },
    { application: "", inner_port: 80, outer_port: null, protocol: "tcp" },
  ],
  container_size: "XS",
  entrypoint: "",
  image_tag: "/api/v1/image/tutum/hello-world/tag/latest/",
  linked_to_application: [
    { to_application: `/api/v1/application/${DB}/`, name: "db" },
    `/api/v1/application/${CACHE}/`,
  ],
  name: "web",
  roles: [],
  run_command: "/run.sh",
  state: "Running",
  target_num_containers: 2,
  web_public_dns: "app.example.com",
} as unknown as Application;

const args = {
  image: "tutum/hello-world",
  name: "web",
  targetNumContainers: 2,
  containerEnvvars: { A: "1" },
  containerPorts: [{ innerPort: 80 }, { innerPort: 443 }],
  linkedToApplication: [{ application: CACHE }, { application: DB, name: "db" }],
  webPublicDns: "app.example.com",
};
const inputs = (changed: Record<string, unknown> = {}) => check(context, {}, { ...args, ...changed }).inputs;
const outputs = (declared = inputs()) => outputsOf(applicationFields, application, declared);
const diff = (changed: Record<string, unknown>, old = outputs()) =>
  diffFields(applicationFields, old, inputs(changed));

describe("diff", () => {
  test("what the server says of what was declared is no difference", () => {
    expect(diff({})).toEqual({});
  });

  test.each<[string, Record<string, unknown>]>([
    ["reordered ports", { containerPorts: [{ innerPort: 443 }, { innerPort: 80 }] }],
    [
      "a default protocol written out",
      { containerPorts: [{ innerPort: 80, protocol: "tcp" }, { innerPort: 443 }] },
    ],
    ["reordered links", { linkedToApplication: [{ application: DB, name: "db" }, { application: CACHE }] }],
    [
      "a link by its URI",
      {
        linkedToApplication: [
          { application: `/api/v1/application/${CACHE}/` },
          { application: DB, name: "db" },
        ],
      },
    ],
    ["no triggers written out", { triggers: [] }],
    [
      "a link in capitals",
      { linkedToApplication: [{ application: CACHE.toUpperCase() }, { application: DB, name: "db" }] },
    ],
    ["the default tag written out", { image: "tutum/hello-world:latest" }],
    ["a default written out", { containerSize: "XS", autorestart: "OFF", running: true, roles: [] }],
  ])("%s: none", (_what, changed) => {
    expect(diff(changed)).toEqual({});
  });

  test.each<[string, unknown]>([
    ["image", "tutum/hello-world:1.1"],
    ["name", "other"],
    ["containerSize", "M"],
    ["runCommand", "/other.sh"],
    ["entrypoint", "/bin/sh"],
    ["containerPorts", [{ innerPort: 80 }]],
    ["linkedToApplication", [{ application: DB, name: "db" }]],
    ["linkedToApplication", [{ application: CACHE }, { application: DB, name: "database" }]],
    ["roles", ["global"]],
    ["triggers", ["v2"]],
  ])("a change of %s replaces", (name, value) => {
    expect(diff({ [name]: value })).toEqual({ [name]: expect.objectContaining({ replace: true }) });
  });

  test("a change of the environment replaces, and names the variables", () => {
    expect(diff({ containerEnvvars: { A: "2", "b.c": "3" } })).toEqual({
      "containerEnvvars.A": { kind: "update", replace: true },
      'containerEnvvars["b.c"]': { kind: "add", replace: true },
    });
  });

  test.each<[string, unknown]>([
    ["targetNumContainers", 3],
    ["webPublicDns", "other.example.com"],
    ["webPublicDns", undefined],
    ["autorestart", "ALWAYS"],
    ["autoreplace", "ALWAYS"],
    ["autodestroy", "ON_FAILURE"],
    ["running", false],
  ])("a change of %s to %p updates", (name, value) => {
    expect(diff({ [name]: value })).toEqual({ [name]: expect.objectContaining({ replace: false }) });
  });

  test("values left to the image are none, also when they are then written out as they are", () => {
    const left = inputs({ containerPorts: undefined });
    expect(diffFields(applicationFields, outputs(left), left)).toEqual({});
    expect(diff({}, outputs(left))).toEqual({});
  });

  test("a declared value that is left to the image again replaces", () => {
    expect(diff({ containerPorts: undefined })).toEqual({
      containerPorts: { kind: "delete", replace: true },
    });
  });

  test("an unknown link is a certain replacement, an unknown in another immutable field is not", () => {
    expect(diff({ linkedToApplication: [{ application: UNKNOWN, name: "db" }], image: UNKNOWN })).toEqual({
      image: { kind: "update", replace: false },
      linkedToApplication: { kind: "update", replace: true },
    });
  });

  test("an unknown alias of a known target is no certain replacement", () => {
    const { linkedToApplication } = diff({ linkedToApplication: [{ application: DB, name: UNKNOWN }] });
    expect(linkedToApplication).toEqual({ kind: "update", replace: false });
  });

  test("changed deadlines are stored, and change nothing else", () => {
    expect(diff({ deadlines: { delete: "20m" } })).toEqual({ deadlines: { kind: "add", replace: false } });
  });

  test("the inputs rebuilt from outputs are the declared ones", () => {
    expect(inputsOf(applicationFields, outputs())).toEqual(inputs());
  });

  test("a server that answers links by bare URI keeps the declared alias", () => {
    const bare = {
      ...application,
      linked_to_application: [`/api/v1/application/${DB}/`, `/api/v1/application/${CACHE}/`],
    };
    expect(diffFields(applicationFields, outputsOf(applicationFields, bare, inputs()), inputs())).toEqual({});
  });
});
