import * as pulumi from "@pulumi/pulumi";
import { accountClients, type ClientOf } from "./accounts";
import type { TutumClient } from "./client";

/** By the settings they were made with: one process may run programs of several stacks, as the Automation API does. */
const clientsOf = new Map<string, ClientOf>();

/**
 * The client for what a program itself looks up: settings as the provider has them, one client per account.
 * @throws {TutumConfigError} when endpoint or credentials are missing.
 */
export function programClient(account: string | undefined): TutumClient {
  const settings = JSON.stringify([
    CONFIG.map(pulumi.runtime.getConfig),
    ENVIRONMENT.map(name => process.env[name]),
  ]);
  const clients = clientsOf.get(settings) ?? accountClients(pulumi.runtime.getConfig, {});
  clientsOf.set(settings, clients);
  return clients(account);
}

const CONFIG = ["tutum:endpoint", "tutum:user", "tutum:apikey", "tutum:accounts"];
const ENVIRONMENT = [
  "HOME",
  "TUTUM_BASE_URL",
  "TUTUM_REST_HOST",
  "TUTUM_AUTH",
  "TUTUM_USER",
  "TUTUM_APIKEY",
  "TUTUM_ALLOW_INSECURE",
];
