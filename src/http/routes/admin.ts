import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";
import { RELOAD_REPORT } from "../schemas/models.ts";
import { problemReplies } from "../schemas/problem.ts";

/** Adds the routes that require an API key with the role admin. */
export function addAdminRoutes(app: FastifyInstance, { reload }: AppParts): void {
  app.post(
    "/admin/reload",
    {
      config: { access: "admin" },
      schema: {
        operationId: "reload",
        tags: ["server"],
        summary: "Reload models, API keys, certificate and alert rules",
        description:
          "Does what SIGHUP does. The reply names everything that could not be read: versions in `failed`; the models folder, API keys, certificate and alert rules in `problems`. They stay as they were.",
        response: { 200: RELOAD_REPORT, ...problemReplies(403, 408, 413, 415) },
      },
    },
    () => reload(),
  );
}
