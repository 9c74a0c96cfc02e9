import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { acceptsGzip } from "../body/accepts-gzip.ts";
import type { ReadBody } from "../body/read-body.ts";
import { parseMultipartForm } from "../../kernel/multipart.ts";
import { createCrossSiteCheck } from "../access/cross-site.ts";
import type { MonitorApi } from "../http.ts";
import type { HttpOptions } from "../options.ts";
import { explainAbsence } from "./prometheus-absent.ts";
import { createPrometheusPage } from "./prometheus-page.ts";

const API = "api/v1/";
/** Several times the longest query. */
const FORM_BYTES = 1_048_576;
/** The paths of links in notifications, and their redirect. */
const LINKED: ReadonlySet<string> = new Set(["", `${API}query`]);
const TEXT = "text/plain; charset=utf-8";

/**
 * Serves the Prometheus HTTP API under `/prometheus`: that of the built-in monitor, or of the Prometheus of `--prometheus-url`.
 * Requests are forwarded unchanged. There is one route, so that the metrics have one series for it.
 */
export async function addPrometheusRoutes(
  app: FastifyInstance,
  monitor: MonitorApi,
  readBody: ReadBody,
  options: Pick<HttpOptions, "corsOrigins" | "externalUrl" | "prometheusUrl">,
): Promise<void> {
  const name = options.prometheusUrl === null ? "The monitor" : "Prometheus";
  const checkSite = createCrossSiteCheck(options, LINKED);
  await app.register(async (scope) => {
    acceptForms(scope, readBody);
    // Relative, so that it works behind a prefix.
    scope.get("/prometheus", {
      config: { access: "metrics" },
      schema: { hide: true },
      handler: (_request, reply) => reply.redirect("prometheus/"),
    });
    // Alerts link to Prometheus's graph page: the console shows the query, and has a form for the key if the server requires one.
    scope.get<Pick<Route, "Querystring">>(
      "/prometheus/graph",
      { config: { access: "public" }, schema: { hide: true } },
      (request, reply) => {
        const expr = request.query["g0.expr"];
        if (expr === undefined) throw new TepalError("NOT_FOUND", "There is no such path.");
        const query = new URLSearchParams({ view: "table", q: expr });
        return reply.redirect(`../console/#/explore?${query}`);
      },
    );
    scope.route<Route>({
      method: ["GET", "POST"],
      url: "/prometheus/*",
      config: { access: "metrics" },
      // Documented by Prometheus.
      schema: { hide: true },
      async onRequest(request, reply) {
        const path = request.params["*"];
        const problem = checkSite(request, path);
        if (problem !== undefined) throw problem;
        // Before the body is read, which may have any type.
        const absence = explainAbsence(path);
        if (absence === undefined) return undefined;
        return reply.code(404).send({ status: "error", errorType: "not_found", error: absence });
      },
      async handler(request, reply) {
        const path = request.params["*"];
        if (path === "") {
          return reply
            .header("content-security-policy", "default-src 'none'")
            .type("text/html; charset=utf-8")
            .send(createPrometheusPage(options.prometheusUrl));
        }
        // As Prometheus replies if it does not stream notifications.
        if (path === `${API}notifications/live`) return reply.code(204).send();
        if (path === "federate") return forward("/federate", request, reply);
        if (path.startsWith(API)) return forward(path.slice(API.length), request, reply);
        if (path === "-/healthy") return reply.type(TEXT).send(`${name} is healthy.\n`);
        if (path === "-/ready") return sendReadiness(reply);
        throw new TepalError("NOT_FOUND", "There is no such path.");
      },
    });
  });

  async function forward(
    path: string,
    { body, headers, url }: FastifyRequest<Route>,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const left = new AbortController();
    reply.raw.once("close", () => left.abort());
    const queryAt = url.indexOf("?");
    const form = body === undefined || body === "" ? "" : `${body}&`;
    const sent = {
      path,
      parameters: form + (queryAt < 0 ? "" : url.slice(queryAt + 1)),
      gzip: acceptsGzip(headers["accept-encoding"]),
    };
    const result = await monitor.request(sent, left.signal);
    if (result.gzip) void reply.header("content-encoding", "gzip");
    return reply
      .code(result.status)
      .header("vary", "accept-encoding")
      .type(result.contentType)
      .send(Buffer.from(result.body.buffer, result.body.byteOffset, result.body.length));
  }

  async function sendReadiness(reply: FastifyReply): Promise<FastifyReply> {
    const isReady = await monitor.isReady();
    return reply
      .code(isReady ? 200 : 503)
      .type(TEXT)
      .send(`${name} is ${isReady ? "" : "not "}ready.\n`);
  }
}

/** Accepts forms as Prometheus does, and no other bodies. */
function acceptForms(scope: FastifyInstance, readBody: ReadBody): void {
  scope.removeAllContentTypeParsers();
  const limits = { limit: FORM_BYTES };
  scope.addContentTypeParser("application/x-www-form-urlencoded", (request: FastifyRequest) =>
    readBody(request, limits, (body) => body.toString()),
  );
  scope.addContentTypeParser("multipart/form-data", (request: FastifyRequest) =>
    readBody(request, limits, (body) =>
      parseMultipartForm(body, request.headers["content-type"] ?? "").toString(),
    ),
  );
}

interface Route {
  /** A form, encoded for a URL. */
  Body: string | undefined;
  Params: { readonly "*": string };
  Querystring: { readonly "g0.expr"?: string };
}
