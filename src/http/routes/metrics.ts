import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import type { AppParts } from "../http.ts";

/** Adds the route that Prometheus scrapes. */
export function addMetricsRoute(app: FastifyInstance, { metrics, renderMetrics }: AppParts): void {
  app.get(
    "/metrics",
    {
      config: { access: "metrics" },
      schema: {
        operationId: "getMetrics",
        tags: ["server"],
        summary: "Metrics in the Prometheus text format",
        produces: ["text/plain"],
        response: {
          200: {
            description: "The metrics of all processes",
            content: { "text/plain": { schema: Type.String() } },
          },
        },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await renderMetrics()),
  );
}
