import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";
import { HEALTH, STATUS } from "../schemas/health.ts";
import { problemReplies } from "../schemas/problem.ts";

/** Whether the process lives, and whether it can predict. */
export function addHealthRoutes(app: FastifyInstance, { registry, isDraining }: AppParts): void {
  app.get(
    "/",
    {
      schema: {
        tags: ["server"],
        summary: "What runs here",
        response: { 200: STATUS },
      },
    },
    () => {
      const serving = registry.list().find((model) => model.isDefault && model.serving !== null);
      return {
        status: serving === undefined ? "no model" : "ok",
        message:
          serving === undefined
            ? "Tepal runs, but no model is ready"
            : `Tepal serves ${serving.name} version ${serving.serving}`,
        model: serving === undefined ? null : { name: serving.name, version: serving.serving },
        links: { docs: "/docs", models: "/models", metrics: "/metrics", ready: "/health/ready" },
      };
    },
  );

  app.get(
    "/health/live",
    {
      config: { access: "public" },
      schema: {
        security: [],
        tags: ["server"],
        summary: "Whether the process answers",
        response: { 200: HEALTH },
      },
    },
    () => ({ status: "live" }),
  );

  app.get(
    "/health/ready",
    {
      config: { access: "public" },
      schema: {
        security: [],
        tags: ["server"],
        summary: "Whether predictions are answered",
        description: "503 until the default model is READY, and while the server is stopping.",
        response: { 200: HEALTH, ...problemReplies(503) },
      },
    },
    () => {
      if (isDraining()) throw new TepalError("SHUTTING_DOWN", "The server is stopping");
      if (!registry.isReady()) {
        throw new TepalError("MODEL_NOT_READY", "No model is ready; GET /models says why");
      }
      return { status: "ready" };
    },
  );
}
