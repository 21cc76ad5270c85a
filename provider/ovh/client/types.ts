/** What the API says of the keys that it is asked with; all else is typed by whoever asks. */
import type { AccessRule } from "./rules";

/** The answer to `POST /auth/credential`. */
export interface ConsumerKeyRequest {
  /** A secret, which is good for nothing before it is validated. */
  consumerKey: string;
  /** Where the account's owner says yes or no. */
  validationUrl: string;
  state: string;
}

/** The answer to `GET /auth/currentCredential`. Dates are as `2014-01-31T10:00:00+01:00`. */
export interface Credential {
  credentialId: number;
  applicationId: number;
  status: "validated" | "pendingValidation" | "refused" | "expired" | (string & {});
  rules: AccessRule[];
  creation: string;
  /** Null: it does not expire by itself. */
  expiration?: string | null;
  lastUse?: string | null;
  /** Networks that it may be used from, `192.0.2.0/24`. Null: all. */
  allowedIPs?: string[] | null;
  /** Whether it is one of OVH's support. */
  ovhSupport: boolean;
}

/** The answer to `GET /me/api/application/{applicationId}`. */
export interface OvhApplication {
  applicationId: number;
  applicationKey: string;
  name: string;
  description: string;
  status: "active" | "blocked" | "inactive" | "trusted" | (string & {});
}
