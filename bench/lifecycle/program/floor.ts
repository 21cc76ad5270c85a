/** What Pulumi itself costs: a dynamic provider that does nothing, with inputs and outputs as small as ours. */
import * as pulumi from "@pulumi/pulumi";
import { declarations } from "./declarations";

type Inputs = Record<string, unknown> & { name: string };

const provider: pulumi.dynamic.ResourceProvider<Inputs> = {
  create: async inputs => ({ id: inputs.name, outs: outputsOf(inputs) }),
  diff: async (_id, olds, news) => ({ changes: olds.targetNumContainers !== news.targetNumContainers }),
  update: async (_id, _olds, inputs) => ({ outs: outputsOf(inputs) }),
  delete: async () => {},
};

function outputsOf(inputs: Inputs) {
  return {
    ...inputs,
    containerSize: "XS",
    uuid: "12345678-1234-1234-1234-123456789012",
    resourceUri: "/api/v1/application/12345678-1234-1234-1234-123456789012/",
    uniqueName: inputs.name,
    state: "Running",
    publicDns: `${inputs.name}.tester.example.com`,
    currentNumContainers: 1,
    runningNumContainers: 1,
  };
}

class Application extends pulumi.dynamic.Resource {
  constructor(name: string, args: pulumi.Inputs) {
    super(provider, name, args);
  }
}

const made: Record<string, Application> = {};
for (const { name, image, containers, port, environment, links } of declarations) {
  made[name] = new Application(name, {
    name,
    image,
    targetNumContainers: containers,
    containerPorts: [{ innerPort: port }],
    containerEnvvars: environment,
    linkedToApplication: links.flatMap(link => made[link]?.id ?? []),
  });
}
