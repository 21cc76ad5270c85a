/** GET apis: where the other APIs are, and what their clients are told. For the commands. */
import type { FastifyInstance } from "fastify";
import { HIDDEN } from "./describe";

export interface Address {
  url: string;
  environment: Readonly<Record<string, string>>;
}

export type Addresses = Record<string, Address>;

export function addressRoutes(
  control: FastifyInstance,
  { addresses }: { addresses: ReadonlyMap<string, Address> },
): void {
  control.get("/_tutum/apis", HIDDEN, async (): Promise<Addresses> => Object.fromEntries(addresses));
}
