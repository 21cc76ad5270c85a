/** Which records a zone can have. */

export const FIELD_TYPES = [
  "A",
  "AAAA",
  "CAA",
  "CNAME",
  "DKIM",
  "DMARC",
  "DNAME",
  "LOC",
  "MX",
  "NAPTR",
  "NS",
  "PTR",
  "SPF",
  "SRV",
  "SSHFP",
  "TLSA",
  "TXT",
] as const;

/** Of those whose ttl is 0. */
export const DEFAULT_TTL = 3_600;
export const MAX_TTL = 2_147_483_647;
