import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import { CONTENT_TYPES, type ExpositionFormat } from "../../metrics/exposition.ts";
import { acceptsGzip } from "../body/accepts-gzip.ts";
import { parseAccept } from "../body/media-range.ts";
import type { AppParts } from "../http.ts";

const compress = promisify(gzip);
/** A scrape every few seconds: speed counts more than the last tenth of the size. */
const LEVEL = 3;

/** Adds the route that Prometheus scrapes. */
export function addMetricsRoute(app: FastifyInstance, { inFlight, renderMetrics }: AppParts): void {
  app.get(
    "/metrics",
    {
      config: { access: "metrics" },
      schema: {
        operationId: "getMetrics",
        tags: ["server"],
        summary:
          "Metrics in the Prometheus text format, or in OpenMetrics 1.0 if Accept prefers it",
        produces: ["text/plain"],
        response: {
          200: {
            description: "The metrics of all processes",
            content: {
              "text/plain": { schema: Type.String() },
              "application/openmetrics-text": { schema: Type.String() },
            },
          },
        },
      },
    },
    async ({ headers }, reply) => {
      inFlight.leaveOut(reply.raw);
      const format = chooseFormat(headers.accept);
      const text = await renderMetrics(format);
      const vary = [reply.getHeader("vary"), "accept", "accept-encoding"]
        .filter(Boolean)
        .join(", ");
      void reply.type(CONTENT_TYPES[format]).header("vary", vary);
      if (!acceptsGzip(headers["accept-encoding"])) return reply.send(text);
      return reply.header("content-encoding", "gzip").send(await compress(text, { level: LEVEL }));
    },
  );
}

const OPENMETRICS = "application/openmetrics-text";
const VERSION = /^version="?([^"]*)"?$/;

/** Returns the format that an Accept header prefers; the text format if it has no preference. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  const ranges = parseAccept(accept ?? "");
  const find = (name: string, isVersion: (version: string) => boolean): number =>
    Math.max(
      0,
      ...ranges
        .filter((range) => range.name === name)
        .filter(({ parameters }) =>
          parameters.every((parameter) => isVersion(VERSION.exec(parameter)?.[1] ?? "")),
        )
        .map(({ quality }) => quality),
    );
  const openMetrics = find(OPENMETRICS, (version) => version === "" || version === "1.0.0");
  const text = Math.max(
    find("text/plain", (version) => version === "" || version === "0.0.4"),
    find("text/*", () => true),
  );
  return openMetrics > text ? "openmetrics" : "text";
}
