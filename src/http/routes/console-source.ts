import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";

/** The history that `/prometheus` serves. */
export interface Source {
  /** `null` if there is none. */
  readonly kind: "monitor" | "prometheus" | null;
  /** The URL of `--prometheus-url`; otherwise null. */
  readonly url: string | null;
}

/** Serves the source of the history below `/prometheus` to the console. */
export function addSourceRoute(
  app: FastifyInstance,
  { options: { prometheusUrl: url }, monitor }: Pick<AppParts, "options" | "monitor">,
): void {
  const monitorKind = monitor === undefined ? null : "monitor";
  const source: Source = { kind: url === null ? monitorKind : "prometheus", url };
  app.get(
    "/console/source",
    // Documented in docs/console.md: for the page, not for programs.
    { config: { access: "metrics" }, schema: { hide: true, security: [] } },
    (_request, reply) => reply.header("cache-control", "no-cache").send(source),
  );
}
