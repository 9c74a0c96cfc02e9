import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { MonitorApi } from "../monitor-api.ts";

/** What Prometheus itself offers under its own address, so that whoever knows that has only to add this. */
const PREFIX = "/prometheus";
const FORM_TYPE = "application/x-www-form-urlencoded";
/** Fits the longest query several times. */
const FORM_BYTES = 1_048_576;

const OPTIONS = { config: { access: "metrics" }, schema: { hide: true } } as const;

/** The Prometheus HTTP API over the history of the monitor built in: requests are handed on as they are. */
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
    for (const path of monitor.paths) {
      const method = monitor.formPaths.has(path) ? (["GET", "POST"] as const) : (["GET"] as const);
      scope.route<ApiRoute>({
        ...OPTIONS,
        method: [...method],
        url: `${PREFIX}/api/v1/${path}`,
        handler: (request, reply) => answer(path, request, reply),
      });
    }
    scope.get(`${PREFIX}/-/healthy`, OPTIONS, (_request, reply) =>
      reply.type("text/plain; charset=utf-8").send("The monitor is healthy.\n"),
    );
    scope.get(`${PREFIX}/-/ready`, OPTIONS, async (_request, reply) => {
      const isReady = await monitor.isReady();
      const text = isReady ? "The monitor is ready.\n" : "The monitor is not ready.\n";
      return reply
        .code(isReady ? 200 : 503)
        .type("text/plain; charset=utf-8")
        .send(text);
    });
  });

  async function answer(
    path: string,
    request: FastifyRequest<ApiRoute>,
    reply: FastifyReply<ApiRoute>,
  ): Promise<FastifyReply> {
    const { body, params, headers, url } = request;
    const mark = url.indexOf("?");
    const form = typeof body === "string" && body !== "" ? `${body}&` : "";
    const answered = await monitor.ask({
      path,
      name: params.name ?? "",
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
}

interface ApiRoute {
  Params: { readonly name?: string };
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(
    String(header ?? ""),
  );
}
