import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { MonitorApi } from "../monitor-api.ts";

const API = "api/v1/";
const FORM_TYPE = "application/x-www-form-urlencoded";
/** Fits the longest query several times. */
const FORM_BYTES = 1_048_576;
const TEXT = "text/plain; charset=utf-8";

/**
 * What a Prometheus offers, under `/prometheus`, over the history of the monitor built in: requests are handed on as they
 * are. One route, so that it is one in the metrics too.
 */
export async function addPrometheusRoutes(
  app: FastifyInstance,
  monitor: MonitorApi,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addContentTypeParser(
      FORM_TYPE,
      { parseAs: "string", bodyLimit: FORM_BYTES },
      (request, body, done) => {
        request.bodyBytes = Buffer.byteLength(body);
        done(null, body);
      },
    );
    scope.route<Route>({
      method: ["GET", "POST"],
      url: "/prometheus/*",
      config: { access: "metrics" },
      // Prometheus's own documents describe it.
      schema: { hide: true },
      async handler(request, reply) {
        const path = request.params["*"];
        if (path.startsWith(API)) return answer(path.slice(API.length), request, reply);
        if (path === "-/healthy") return reply.type(TEXT).send("The monitor is healthy.\n");
        if (path === "-/ready") return tellReadiness(reply);
        const expr = request.query["g0.expr"];
        // Alerts link to Prometheus's page of this name. There is no page here; the query has an answer all the same.
        if (path === "graph" && expr !== undefined) {
          return reply.redirect(`api/v1/query?${new URLSearchParams({ query: expr })}`);
        }
        throw new TepalError(
          "NOT_FOUND",
          "Below /prometheus there is only api/v1/, see docs/monitor.md",
        );
      },
    });
  });

  async function answer(
    path: string,
    { body, headers, url }: FastifyRequest<Route>,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const mark = url.indexOf("?");
    const form = typeof body === "string" && body !== "" ? `${body}&` : "";
    const answered = await monitor.ask({
      path,
      parameters: form + (mark < 0 ? "" : url.slice(mark + 1)),
      gzip: acceptsGzip(headers["accept-encoding"]),
    });
    if (answered.gzip) void reply.header("content-encoding", "gzip");
    return reply
      .code(answered.status)
      .header("vary", "accept-encoding")
      .type("application/json")
      .send(Buffer.from(answered.body.buffer, answered.body.byteOffset, answered.body.length));
  }

  async function tellReadiness(reply: FastifyReply): Promise<FastifyReply> {
    const isReady = await monitor.isReady();
    return reply
      .code(isReady ? 200 : 503)
      .type(TEXT)
      .send(`The monitor is ${isReady ? "" : "not "}ready.\n`);
  }
}

interface Route {
  Params: { readonly "*": string };
  Querystring: { readonly "g0.expr"?: string };
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(
    String(header ?? ""),
  );
}
