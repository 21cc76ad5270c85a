// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how stack files write variables.
import * as pulumi from "@pulumi/pulumi";
import { stackOf } from "../../../provider/tutum/stack-file/read-stack-file";
import { shown } from "./declared";

const read = (text: string, variables: Record<string, pulumi.Input<string>>, env = {}) =>
  shown(stackOf(text, { file: "tutum.yml", readText: () => undefined, variables, env }).applications);

describe("variables that are given", () => {
  test("win over the environment, and a secret among them stays one, inside a text too", async () => {
    const text = 'web:\n  image: a/b:${TAG}\n  environment: ["URL=http://${HOST}/", HOST, "MORE=${MORE}"]\n';
    const variables = { HOST: pulumi.secret("host"), TAG: "2", MORE: Promise.resolve("later") };
    expect(await read(text, variables, { TAG: "1", HOST: "other" })).toEqual({
      web: {
        image: "a/b:2",
        containerEnvvars: { URL: { secret: "http://host/" }, HOST: { secret: "host" }, MORE: "later" },
      },
    });
  });

  test("may be known later for a count and behind operators", async () => {
    const text =
      "web:\n  image: a/b\n  target_num_containers: ${N}\n  command: run ${EMPTY:-usual} ${N:+counted}\n";
    expect(await read(text, { N: pulumi.output("3"), EMPTY: pulumi.output("") })).toEqual({
      web: { image: "a/b", targetNumContainers: 3, runCommand: "run usual counted" },
    });
  });

  test("must be known where the stack's shape depends on them", () => {
    const text = 'web:\n  image: a/b\n  ports: ["${PORT}"]\n  links: ["${OTHER}"]\n';
    expect(() => read(text, { PORT: pulumi.output("80"), OTHER: pulumi.secret("db") })).toThrow(
      [
        "tutum.yml:3:11: error: web.ports[0] must be known when the file is read, and a variable in it is an output.",
        '    ports: ["${PORT}"]',
        "            ^",
        "tutum.yml:4:11: error: web.links[0] must be known when the file is read, and a variable in it is an output.",
      ].join("\n"),
    );
  });

  test("names that JavaScript's objects keep for themselves are nothing special, or refused", async () => {
    expect(
      await read("constructor:\n  image: a/b\n  links: [toString]\ntoString:\n  image: a/b\n", {}),
    ).toEqual({
      constructor: { image: "a/b", links: ["toString"] },
      toString: { image: "a/b" },
    });
    expect(() => read("web:\n  image: a/b\n  environment: {__proto__: x}\n", {})).toThrow(
      "cannot hold the name __proto__",
    );
    expect(() => read("__proto__:\n  image: a/b\n", {})).toThrow("must be letters, digits and dashes");
    expect(() => read("web:\n  image: a/b\n  environment: ['X=${constructor}']\n", {})).toThrow(
      "needs the variable constructor, which is not set",
    );
  });

  test("anchors that hold themselves end", () => {
    expect(() => read("web: &web\n  <<: *web\n  image: a/b\n  links: &l [*l]\n", {})).toThrow("web.links[0]");
  });
});
