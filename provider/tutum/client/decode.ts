/** What the API answers. Labels (states, sizes, policies) are any text: servers grew new ones over time. */
import * as v from "valibot";
import { type Decoder, decoder, UnexpectedResponse } from "../../http/decode";
import { uuidOf } from "./references";
import type { Application, ApplicationSummary, Container, ContainerSummary, Page } from "./types";

const text = v.string();
const count = v.number();
const datetime = v.optional(v.nullable(text), null);
const link = v.union([text, v.object({ to_application: text, name: text })]);
const links = v.array(link);
const variable = v.object({ key: text, value: text });
const port = v.object({ inner_port: count, outer_port: v.optional(v.nullable(count), null), protocol: text });

/** What applications and containers share. */
const described = {
  autodestroy: text,
  autoreplace: text,
  autorestart: text,
  container_size: text,
  deployed_datetime: datetime,
  destroyed_datetime: datetime,
  entrypoint: text,
  image_tag: text,
  image_name: v.optional(text),
  name: text,
  public_dns: v.optional(text),
  resource_uri: text,
  run_command: text,
  started_datetime: datetime,
  state: text,
  stopped_datetime: datetime,
  unique_name: text,
  uuid: v.pipe(text, v.uuid()),
};
const detailed = {
  link_variables: v.optional(v.record(text, text), {}),
  linked_from_application: v.optional(links, []),
  linked_to_application: links,
  roles: v.array(text),
};

const applicationSummary = {
  ...described,
  container_ports: v.array(v.object({ ...port.entries, application: v.optional(text, "") })),
  current_num_containers: count,
  running_num_containers: count,
  stopped_num_containers: v.optional(count, 0),
  target_num_containers: count,
  web_public_dns: v.optional(v.nullable(text)),
};
const application = {
  ...applicationSummary,
  ...detailed,
  container_envvars: v.array(v.object({ ...variable.entries, application: v.optional(text, "") })),
  containers: v.optional(v.array(text), []),
};
const containerSummary = {
  ...described,
  application: text,
  container_ports: v.array(v.object({ ...port.entries, container: v.optional(text, "") })),
  exit_code: v.nullable(count),
  exit_code_msg: v.nullable(text),
};
const container = {
  ...containerSummary,
  ...detailed,
  container_envvars: v.array(v.object({ ...variable.entries, container: v.optional(text, "") })),
};

export const asApplication = decoder<Application>(v.object(application), "no application");
export const asApplicationPage = decoder<Page<ApplicationSummary>>(
  page(applicationSummary),
  "no list of applications",
);
export const asContainer = decoder<Container>(v.object(container), "no container");
export const asContainerPage = decoder<Page<ContainerSummary>>(
  page(containerSummary),
  "no list of containers",
);
export const asLogs = decoder<{ logs: string }>(v.object({ logs: text }), "no logs");

/** Accepts only an answer about the one that was asked for: a cache or proxy may mix answers up. */
export function about<T extends { uuid: string }>(reference: string, decode: Decoder<T>): Decoder<T> {
  return answer => {
    const decoded = decode(answer);
    if (decoded.uuid === uuidOf(reference)) return decoded;
    throw new UnexpectedResponse(`the answer is about another one (${decoded.uuid})`);
  };
}

function page(entries: v.ObjectEntries) {
  const meta = v.object({
    limit: v.optional(count, 0),
    next: v.optional(v.nullable(text), null),
    offset: v.optional(count, 0),
    previous: v.optional(v.nullable(text), null),
    total_count: v.optional(count, 0),
  });
  return v.object({ meta, objects: v.array(v.object(entries)) });
}
