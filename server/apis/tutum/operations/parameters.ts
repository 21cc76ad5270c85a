/** The parameters of lists by name: what is filtered by, and by what the records of requests know them. */
export const PAGING_PARAMETERS = ["limit", "offset"] as const;

export const APPLICATION_FILTERS = ["name", "unique_name", "uuid", "uuid__startswith", "state"] as const;

export const CONTAINER_FILTERS = [
  ...APPLICATION_FILTERS,
  "application__name",
  "application__unique_name",
  "application__uuid",
  "application__uuid__startswith",
  "application__state",
] as const;
