import { UNKNOWN } from "../../../provider/resource/table/unknown";
import { check } from "../../../provider/tutum/lifecycle/check";
import { contextWith } from "./operation";

const UUID_A = "7eaf7fff-882c-4f3d-9a8f-a22317ac00ce";
const UUID_B = "1f234d1d-dae5-46c1-9ee5-770575fe3e6f";
const context = contextWith();
const valid = { image: "tutum/hello-world", name: "web" };
const reasons = (args: Record<string, unknown>) =>
  check(context, {}, { ...valid, ...args }).failures.map(failure => failure.reason);

const numbered = (count: number, value = "x") =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`V${n}`, value]));
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

describe("check", () => {
  test("fills in the API's defaults", () => {
    expect(check(context, {}, valid)).toEqual({
      failures: [],
      inputs: {
        ...valid,
        containerSize: "XS",
        targetNumContainers: 1,
        containerEnvvars: {},
        linkedToApplication: [],
        autorestart: "OFF",
        autoreplace: "OFF",
        autodestroy: "OFF",
        roles: [],
        running: true,
        triggers: [],
      },
    });
  });

  test("a port's protocol defaults to tcp", () => {
    expect(
      check(context, {}, { ...valid, containerPorts: [{ innerPort: 80 }] }).inputs.containerPorts,
    ).toEqual([{ innerPort: 80, protocol: "tcp" }]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a missing image", { image: undefined }, "image is required"],
    ["an image that is no string", { image: 7 }, "image must be a string, not 7"],
    [
      "an image in capitals",
      { image: "Tutum/Hello" },
      'image must be an image in Docker\'s form, like tutum/hello-world or registry.example.com/team/app:1.2, not "Tutum/Hello"',
    ],
    [
      "a size in another spelling",
      { containerSize: "xs" },
      'containerSize must be one of XS, S, M, L, XL, not "xs"; did you mean "XS"?',
    ],
    [
      "a count of none",
      { targetNumContainers: 0 },
      "targetNumContainers must be a whole number from 1 to 100, not 0",
    ],
    [
      "a negative count",
      { targetNumContainers: -2 },
      "targetNumContainers must be a whole number from 1 to 100, not -2",
    ],
    [
      "half a container",
      { targetNumContainers: 1.5 },
      "targetNumContainers must be a whole number from 1 to 100, not 1.5",
    ],
    [
      "a count in words",
      { targetNumContainers: "3" },
      'targetNumContainers must be a whole number from 1 to 100, not "3"',
    ],
    [
      "port 0",
      { containerPorts: [{ innerPort: 0 }] },
      "containerPorts[0].innerPort must be a whole number from 1 to 65535, not 0",
    ],
    [
      "port 65536",
      { containerPorts: [{ innerPort: 80 }, { innerPort: 65_536 }] },
      "containerPorts[1].innerPort must be a whole number from 1 to 65535, not 65536",
    ],
    [
      "a bad protocol",
      { containerPorts: [{ innerPort: 80, protocol: "http" }] },
      'containerPorts[0].protocol must be one of tcp, udp, not "http"',
    ],
    ["a port without its number", { containerPorts: [{}] }, "containerPorts[0].innerPort is required"],
    ["a port that is a number", { containerPorts: [80] }, "containerPorts[0] must be an object, not 80"],
    ["a bad policy", { autorestart: "YES" }, 'autorestart must be one of OFF, ON_FAILURE, ALWAYS, not "YES"'],
    [
      "a policy misspelled",
      { autoreplace: "ON_FAILUR" },
      'autoreplace must be one of OFF, ON_FAILURE, ALWAYS, not "ON_FAILUR"; did you mean "ON_FAILURE"?',
    ],
    [
      "a bad variable name",
      { containerEnvvars: { "MY=VAR": "x" } },
      'containerEnvvars.MY=VAR must be the name of a variable: not empty, without "=", and not TUTUM_PULUMI_OWNER, which the provider sets, not "MY=VAR"',
    ],
    ["a role that does not exist", { roles: ["admin"] }, 'roles[0] must be one of global, not "admin"'],
    [
      "a domain that is a URL",
      { webPublicDns: "http://x.example.com/" },
      'webPublicDns must be a host name, like app.example.com, not "http://x.example.com/"',
    ],
    [
      "a domain without port 80",
      { webPublicDns: "app.example.com", containerPorts: [{ innerPort: 8080 }] },
      'webPublicDns "app.example.com" needs an application that listens on port 80: add { innerPort: 80 } to containerPorts, or leave webPublicDns out',
    ],
    [
      "a misspelled argument",
      { targetNumContainer: 2 },
      'targetNumContainer is not an argument; did you mean "targetNumContainers"?',
    ],
    [
      "the API's own spelling",
      { linked_to_application: [] },
      'linked_to_application is not an argument; did you mean "linkedToApplication"?',
    ],
    ["running in words", { running: "yes" }, 'running must be true or false, not "yes"'],
    [
      "a name with a dot",
      { name: "my.app" },
      'name must be letters, digits and dashes, at most 63 (it becomes a host name), not "my.app"',
    ],
    [
      "the same port twice",
      { containerPorts: [{ innerPort: 80 }, { innerPort: 80, protocol: "tcp" }] },
      "containerPorts has port 80/tcp twice",
    ],
    [
      "a link by name",
      { linkedToApplication: [{ application: "db" }] },
      'linkedToApplication[0].application must be an application, or the uuid or resource URI of one, not "db"',
    ],
    [
      "two links of one name",
      {
        linkedToApplication: [
          { application: UUID_A, name: "db" },
          { application: UUID_B, name: "db" },
        ],
      },
      'linkedToApplication has a link named "db" twice: give one of them another as { application, name }',
    ],
    [
      "two links to one application",
      { linkedToApplication: [{ application: UUID_A }, { application: UUID_A.toUpperCase() }] },
      `linkedToApplication has a link to ${UUID_A} twice`,
    ],
    [
      "a variable named constructor",
      { containerEnvvars: { constructor: "1" } },
      "containerEnvvars cannot hold the name constructor",
    ],
    [
      "a duration that is none",
      { deadlines: { create: "soon" } },
      'deadlines.create must be a duration, like "10m" or "1h30m", not "soon"',
    ],
  ])("%s is refused, by property and value", (_what, args, reason) => {
    expect(reasons(args)).toEqual([reason]);
  });

  test("a misspelled property inside a list is named with its place", () => {
    expect(reasons({ containerPorts: [{ inerPort: 80 }] })).toContain(
      'containerPorts[0].inerPort is not a property here; did you mean "innerPort"?',
    );
  });

  test("the value of an environment variable is in no message", () => {
    expect(reasons({ containerEnvvars: { PASSWORD: 4711 } })).toEqual([
      "containerEnvvars.PASSWORD must be a string, not a number",
    ]);
  });

  test.each(["discovery.type", "MY-VAR", "1st", "with space", "ä", "a:b/c", "toString"])(
    "%p names a variable, as for Docker",
    name => {
      expect(reasons({ containerEnvvars: { [name]: "x" } })).toEqual([]);
    },
  );

  test.each<[string, Record<string, unknown>, string]>([
    [
      "a value that is too long",
      { containerEnvvars: { A: "x".repeat(32_768), B: "x".repeat(32_769) } },
      "containerEnvvars.B must have at most 32,768 characters, not 32,769",
    ],
    [
      "variables beyond number",
      { containerEnvvars: numbered(1_001) },
      "containerEnvvars must have at most 1,000 names, not 1,001",
    ],
    [
      "links beyond number",
      { linkedToApplication: Array.from({ length: 101 }, (_, n) => ({ application: uuid(n) })) },
      "linkedToApplication must have at most 100 entries, not 101",
    ],
    [
      "containers beyond number",
      { targetNumContainers: 101 },
      "targetNumContainers must be a whole number from 1 to 100, not 101",
    ],
    [
      "a request that is too large",
      { containerEnvvars: numbered(33, "x".repeat(32_000)) },
      "containerEnvvars and the other arguments are 1,057,025 bytes together, and a request has at most 1 MiB: " +
        "hand large values over in another way, as in a file of the image",
    ],
    [
      "a variable named __proto__",
      { containerEnvvars: JSON.parse('{"__proto__": "x"}') },
      "containerEnvvars cannot hold the name __proto__",
    ],
  ])("%s is told before anything is sent, with the user's numbers", (_what, args, reason) => {
    expect(reasons(args)).toEqual([reason]);
  });

  test("what just fits is no mistake", () => {
    expect(reasons({ containerEnvvars: numbered(1_000), targetNumContainers: 100 })).toEqual([]);
    const linkedToApplication = Array.from({ length: 100 }, (_, n) => ({ application: uuid(n) }));
    expect(reasons({ linkedToApplication, containerEnvvars: { A: "x".repeat(32_768) } })).toEqual([]);
  });

  test("every mistake is reported at once", () => {
    expect(reasons({ image: 1, containerSize: "XXL", autorestart: "?" })).toHaveLength(3);
  });

  test.each([
    ["a whole list", { containerPorts: UNKNOWN, webPublicDns: "app.example.com" }],
    ["an element", { containerPorts: [UNKNOWN, { innerPort: 80 }] }],
    ["a nested value", { containerPorts: [{ innerPort: UNKNOWN }], webPublicDns: "app.example.com" }],
    ["a scalar", { targetNumContainers: UNKNOWN, image: UNKNOWN, name: UNKNOWN, running: UNKNOWN }],
    ["a variable's value", { containerEnvvars: { PASSWORD: UNKNOWN } }],
    ["a link's target", { linkedToApplication: [{ application: UNKNOWN, name: "db" }] }],
  ])("%s that is unknown in a preview is passed over and kept", (_what, args) => {
    const { failures, inputs } = check(context, {}, { ...valid, ...args });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject(args);
  });
});
