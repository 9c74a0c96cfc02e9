import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createCrossSiteCheck } from "../access/cross-site.ts";
import type { MonitorApi } from "../http.ts";
import type { HttpOptions } from "../options.ts";
import { readReply } from "./read-reply.ts";

const URL = "/alertmanager/api/v2/*";

/**
 * Serves the silences of the built-in evaluator in the form of Alertmanager's API v2, for the console, amtool and Grafana. Errors are
 * strings, as clients of Alertmanager expect.
 */
export function addAlertmanagerRoutes(
  app: FastifyInstance,
  monitor: MonitorApi,
  options: Pick<HttpOptions, "corsOrigins" | "externalUrl">,
): void {
  const checkSite = createCrossSiteCheck(options, new Set());
  // Documented by Alertmanager.
  const schema = { hide: true };
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    const problem = checkSite(request, request.url);
    if (problem !== undefined) throw problem;
  };

  const handler = async (
    { params, method, body, url }: FastifyRequest<Route>,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const { status, json } = readReply(
      await monitor.request({
        path: `/alertmanager/${params["*"]}`,
        parameters: url.split("?").slice(1).join("?"),
        gzip: false,
        method: method === "HEAD" ? "GET" : method,
        ...(body !== undefined && { body }),
      }),
    );
    // Alertmanager has no 422.
    const code = status === 422 ? 400 : status;
    const content = status === 200 ? json : (json as { readonly message: string }).message;
    return reply.code(code).type("application/json").send(JSON.stringify(content));
  };

  app.get<Route>(URL, { config: { access: "metrics" }, schema, onRequest }, handler);
  app.route<Route>({
    method: ["POST", "DELETE"],
    url: URL,
    config: { access: "operate" },
    schema,
    onRequest,
    handler,
  });
}

interface Route {
  Params: { readonly "*": string };
}
