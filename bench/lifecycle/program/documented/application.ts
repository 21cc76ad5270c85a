/**
 * The provider that a careful user would write from Pulumi's documentation of dynamic providers: axios imported at the
 * top, all of CRUD and diff, each application waited for by itself. It is here to be measured, not to be copied.
 */
import * as pulumi from "@pulumi/pulumi";
import axios from "axios";

export interface ApplicationInputs {
  name: pulumi.Input<string>;
  image: pulumi.Input<string>;
  targetNumContainers: pulumi.Input<number>;
  containerPorts: pulumi.Input<{ protocol: string; innerPort: number }[]>;
  containerEnvvars: pulumi.Input<Record<string, string>>;
  linkedToApplication: pulumi.Input<pulumi.Input<string>[]>;
  webPublicDns?: pulumi.Input<string>;
}

interface ProviderInputs {
  name: string;
  image: string;
  targetNumContainers: number;
  containerPorts: { protocol: string; innerPort: number }[];
  containerEnvvars: Record<string, string>;
  linkedToApplication: string[];
  webPublicDns?: string;
}

interface Found {
  uuid: string;
  resource_uri: string;
  unique_name: string;
  state: string;
  public_dns: string;
  web_public_dns: string | null;
  target_num_containers: number;
  current_num_containers: number;
  running_num_containers: number;
}

const POLL_MS = 1_000;
const IMMUTABLE = ["name", "image", "containerPorts", "containerEnvvars", "linkedToApplication"] as const;

function api() {
  return axios.create({
    baseURL: process.env.TUTUM_BASE_URL,
    headers: { Authorization: process.env.TUTUM_AUTH },
    timeout: 30_000,
  });
}

async function waitFor(uuid: string, state: string): Promise<Found> {
  const deadline = Date.now() + 10 * 60_000;
  while (Date.now() < deadline) {
    const { data } = await api().get<Found>(`application/${uuid}/`);
    if (data.state === state) return data;
    if (data.state === "Start failed" || data.state === "Stopped")
      throw new Error(`${data.unique_name} is ${data.state}`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${uuid} is not ${state} in time`);
}

function outputs(inputs: ProviderInputs, found: Found) {
  return {
    ...inputs,
    targetNumContainers: found.target_num_containers,
    uuid: found.uuid,
    resourceUri: found.resource_uri,
    uniqueName: found.unique_name,
    state: found.state,
    publicDns: found.public_dns,
    currentNumContainers: found.current_num_containers,
    runningNumContainers: found.running_num_containers,
  };
}

const provider: pulumi.dynamic.ResourceProvider<ProviderInputs, ReturnType<typeof outputs>> = {
  async create(inputs) {
    const { data } = await api().post<Found>("application/", {
      name: inputs.name,
      image: inputs.image,
      target_num_containers: inputs.targetNumContainers,
      container_ports: inputs.containerPorts.map(({ protocol, innerPort }) => ({
        protocol,
        inner_port: innerPort,
      })),
      container_envvars: Object.entries(inputs.containerEnvvars).map(([key, value]) => ({ key, value })),
      linked_to_application: inputs.linkedToApplication.map(target => ({ to_application: target })),
      ...(inputs.webPublicDns ? { web_public_dns: inputs.webPublicDns } : {}),
    });
    return { id: data.uuid, outs: outputs(inputs, await waitFor(data.uuid, "Running")) };
  },

  async diff(_id, olds, news) {
    const changed = (key: keyof ProviderInputs) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]);
    const replaces = IMMUTABLE.filter(changed);
    const updates = (["targetNumContainers", "webPublicDns"] as const).filter(changed);
    return { changes: replaces.length + updates.length > 0, replaces: [...replaces] };
  },

  async update(id, _olds, news) {
    await api().patch(`application/${id}/`, {
      target_num_containers: news.targetNumContainers,
      web_public_dns: news.webPublicDns ?? "",
    });
    return { outs: outputs(news, await waitFor(id, "Running")) };
  },

  async read(id, props) {
    const { data } = await api().get<Found>(`application/${id}/`);
    return { id, props: { ...props, ...outputs(props as ProviderInputs, data) } };
  },

  async delete(id) {
    await api().delete(`application/${id}/`);
    await waitFor(id, "Terminated");
  },
};

export class Application extends pulumi.dynamic.Resource {
  declare readonly uuid: pulumi.Output<string>;
  declare readonly resourceUri: pulumi.Output<string>;
  declare readonly publicDns: pulumi.Output<string>;

  constructor(name: string, args: ApplicationInputs, options?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { uuid: undefined, resourceUri: undefined, publicDns: undefined, ...args },
      options,
    );
  }
}
