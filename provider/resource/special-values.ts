/** How Pulumi marks values that JSON has no form for, in states and on its wire. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";

export const SPECIAL = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
} as const;
