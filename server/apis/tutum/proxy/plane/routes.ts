/** The table of routes, all that the proxy is told of applications. */

export interface Address {
  host: string;
  port: number;
}

export interface Claim<T = Address> {
  /** Uuid of the application; requests to it take turns among its containers. */
  application: string;
  /** Of its running containers, in order of their numbers. */
  addresses: readonly T[];
}

/** A host name in lower case, and the applications that claim it, newest first. None: nobody does any more. */
export type Route = readonly [host: string, claims: readonly Claim[]];
