/** What the API's document says of a control route; its body's schema is also what the body is checked against. */
export function describe(summary: string, body?: object) {
  return {
    schema: {
      tags: ["control"],
      summary,
      security: [{ controlToken: [] }],
      ...(body ? { body } : {}),
    },
  };
}

/** For the commands alone. */
export const HIDDEN = { schema: { hide: true } };
