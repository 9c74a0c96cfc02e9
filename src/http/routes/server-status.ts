import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";
import { SERVER_DESCRIPTION } from "../schemas/server-status.ts";
import { toResult } from "./read-reply.ts";

/** Adds the routes that describe the server and its monitor, for the console's page Status. */
export function addServerStatusRoutes(
  app: FastifyInstance,
  { describe, monitor }: Pick<AppParts, "describe" | "monitor">,
): void {
  app.get(
    "/admin/status",
    {
      config: { access: "metrics" },
      schema: {
        operationId: "getServerStatus",
        tags: ["server"],
        summary: "Version, options and processes of the server",
        description: "Options have their effective values and sources. Secrets are left out.",
        response: { 200: SERVER_DESCRIPTION },
      },
    },
    () => describe(),
  );

  // For the console, not for programs: its numbers are metrics too.
  app.get(
    "/admin/status/monitor",
    { config: { access: "metrics" }, schema: { hide: true } },
    async (_request, reply) => {
      if (monitor === undefined) {
        throw new TepalError("NOT_FOUND", "The server runs without the built-in monitor.");
      }
      const path = "/admin/status";
      const status = toResult(await monitor.request({ path, parameters: "", gzip: false }));
      return reply.type("application/json").send(JSON.stringify(status));
    },
  );
}
