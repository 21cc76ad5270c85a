/** One path with its methods; every other method answers 405. */
import type { FastifyInstance, FastifyRequest, HTTPMethods } from "fastify";

type Handler = (request: FastifyRequest<{ Params: { uuid: string } }>) => unknown;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
type Method = (typeof METHODS)[number];

/** Each method with its status of success. */
export type Methods = Partial<Record<Method, [status: number, handle: Handler]>>;

export function resource(app: FastifyInstance, url: string, methods: Methods): void {
  const offered = METHODS.filter(method => methods[method]);
  for (const method of offered) {
    const [status, handle] = methods[method] as [number, Handler];
    app.route<{ Params: { uuid: string } }>({
      method,
      url,
      handler: async (request, reply) => {
        const body = await handle(request);
        reply.code(status);
        return body;
      },
    });
  }
  app.route({
    method: METHODS.filter(method => !offered.includes(method)) as HTTPMethods[],
    url,
    handler: async (_request, reply) => reply.code(405).header("Allow", offered.join(", ")).send(),
  });
}
