import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";
import { HEALTH, STATUS } from "../schemas/health.ts";
import { problemReplies } from "../schemas/problem.ts";

/** Adds the status page and the health checks. */
export function addHealthRoutes(
  app: FastifyInstance,
  { options, registry, isDraining }: AppParts,
): void {
  // Without a URL the links hold for every name of the server.
  const base = options.externalUrl ?? "";
  app.get(
    "/",
    {
      // The console has a form for the API key.
      config: { access: ({ headers }) => (wantsPage(headers.accept) ? "public" : "predict") },
      schema: {
        tags: ["server"],
        operationId: "getStatus",
        summary: "Status of the server, with links",
        description:
          "A browser is redirected to the console: a request whose Accept header has text/html, but not JSON.",
        response: { 200: STATUS },
      },
    },
    (request, reply) => {
      void reply.header("vary", "accept");
      if (wantsPage(request.headers.accept)) return reply.redirect("console/");
      const serving = registry.list().find((model) => model.isDefault && model.serving !== null);
      return {
        status: serving === undefined ? "no model" : "ok",
        message:
          serving === undefined
            ? "Tepal is running, but no model is ready"
            : `Tepal is serving ${serving.name} version ${serving.serving}`,
        model: serving === undefined ? null : { name: serving.name, version: serving.serving },
        links: {
          console: `${base}/console`,
          docs: `${base}/docs`,
          models: `${base}/models`,
          metrics: `${base}/metrics`,
          ready: `${base}/health/ready`,
        },
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
        operationId: "getLiveness",
        summary: "Liveness: 200 while the process runs",
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
        operationId: "getReadiness",
        summary: "Readiness: 200 while the server can predict",
        description: "503 until the default model is READY, and while the server stops.",
        response: { 200: HEALTH, ...problemReplies(503) },
      },
    },
    () => {
      if (isDraining())
        throw new TepalError(
          "SHUTTING_DOWN",
          "The server is stopping. Send the request to another one.",
        );
      if (!registry.isReady()) {
        const reason =
          registry.list().length === 0
            ? "The models folder is empty: is it the right one? The log has its path."
            : "GET /models shows the reason.";
        throw new TepalError("MODEL_NOT_READY", `No model is ready. ${reason}`);
      }
      return { status: "ready" };
    },
  );
}

/** Returns true for a browser that opens a page; programs send no Accept header, any type or JSON. */
function wantsPage(accept = ""): boolean {
  return /\btext\/html\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept);
}
