import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";
import { RELOAD_REPORT } from "../schemas/models.ts";
import { problemReplies } from "../schemas/problem.ts";

/** What only a key with the role admin may do. */
export function addAdminRoutes(app: FastifyInstance, { reload }: AppParts): void {
  app.post(
    "/admin/reload",
    {
      config: { access: "admin" },
      schema: {
        tags: ["server"],
        summary: "Look at the models folder and the keys file again",
        description: "As SIGHUP does. What cannot be loaded is refused; what serves goes on.",
        response: { 200: RELOAD_REPORT, ...problemReplies(401, 403) },
      },
    },
    () => reload(),
  );
}
