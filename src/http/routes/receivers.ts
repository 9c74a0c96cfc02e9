import type { FastifyInstance, FastifyRequest } from "fastify";
import { createCrossSiteCheck } from "../access/cross-site.ts";
import type { MonitorApi } from "../http.ts";
import type { HttpOptions } from "../options.ts";
import { RECEIVER_LIST, RECEIVER_PARAMS, TEST_REPORT } from "../schemas/receivers.ts";
import { problemReplies } from "../schemas/problem.ts";
import { toResult } from "./read-reply.ts";

/** Adds the routes of the receivers of alerts. */
export function addReceiverRoutes(
  app: FastifyInstance,
  monitor: MonitorApi,
  options: Pick<HttpOptions, "corsOrigins" | "externalUrl">,
): void {
  const checkSite = createCrossSiteCheck(options, new Set());

  app.get(
    "/admin/receivers",
    {
      config: { access: "metrics" },
      schema: {
        operationId: "listReceivers",
        tags: ["server"],
        summary: "Receivers of alerts, with their deliveries",
        response: { 200: RECEIVER_LIST, ...problemReplies(503) },
      },
    },
    async () =>
      toResult(await monitor.request({ path: "/admin/receivers", parameters: "", gzip: false })),
  );

  app.post<{ Params: { readonly id: string } }>(
    "/admin/receivers/:id/test",
    {
      config: { access: "operate" },
      async onRequest(request: FastifyRequest) {
        const problem = checkSite(request, request.url);
        if (problem !== undefined) throw problem;
      },
      schema: {
        operationId: "testReceiver",
        tags: ["server"],
        summary: "Send a test notification to a receiver",
        description:
          "Sends one alert TestNotification at once, past groups, matchers and silences, and replies with the reply of the receiver. At most one test of a receiver in 10 s.",
        params: RECEIVER_PARAMS,
        response: { 200: TEST_REPORT, ...problemReplies(403, 404, 408, 413, 415, 429, 503) },
      },
    },
    async ({ params: { id } }) => {
      const path = `/admin/receivers/${id}/test`;
      return toResult(await monitor.request({ path, parameters: "", gzip: false, method: "POST" }));
    },
  );
}
