import * as pulumi from "@pulumi/pulumi";
import type { TutumClient } from "./client";
import { accountClients, type ClientOf } from "./lifecycle/accounts";

let clientOf: ClientOf | undefined;

/**
 * The client for what a program itself looks up: settings as the provider has them, one client per account.
 * @throws {TutumConfigError} when endpoint or credentials are missing.
 */
export function programClient(account: string | undefined): TutumClient {
  clientOf ??= accountClients(key => new pulumi.Config(key.split(":")[0]).get(key.split(":")[1] ?? ""), {});
  return clientOf(account);
}
