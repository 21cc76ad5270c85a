/** `X-OVH-QUERYID`: one for each response, in the form OVH's have. */

/** `started` is the time this server began to count. */
export function queryIds(started: number): () => string {
  const prefix = `EU.ext-1.${Math.floor(started / 1_000).toString(16)}.${process.pid}`;
  let answered = 0;
  return () => `${prefix}.${(++answered).toString(16).padStart(4, "0")}`;
}
