import type { FastifyInstance } from "fastify";
import { toMessage } from "../../../kernel/errors.ts";
import type { Events } from "../events.ts";
import type { RouteParts } from "../page.ts";

/** What the page shows and does. */
export function addLoadRoutes(app: FastifyInstance, parts: RouteParts, events: Events): void {
  const { loadTest, defaults, version, logs, control } = parts;

  app.get("/api/load", (_request, reply) =>
    reply.header("cache-control", "no-store").send({
      version,
      script: loadTest.script,
      defaults,
      report: loadTest.report(),
      logs: logs(),
    }),
  );

  app.get("/api/load/events", { exposeHeadRoute: false }, (_request, reply) => {
    // From here on the reply is not Fastify's; what it has been given so far goes along.
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
    );
    reply.hijack();
    try {
      events.add(reply.raw, {
        ...headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        // A proxy in front must hand on each event at once.
        "x-accel-buffering": "no",
      });
    } catch (error) {
      reply.raw.writeHead(503, { ...headers, "content-type": "text/plain; charset=utf-8" });
      reply.raw.end(toMessage(error));
    }
  });

  app.post("/api/load/start", async ({ body }, reply) => {
    await control.start(toFields(body));
    return reply.code(202).send({ id: loadTest.report().id });
  });

  app.post("/api/load/edit", async ({ body }) => {
    await control.edit(toFields(body));
    return { id: loadTest.report().id };
  });

  app.post("/api/load/stop", async () => {
    const { id } = await control.stop();
    return { id };
  });

  app.post("/api/load/reset", () => {
    loadTest.reset();
    events.sendSecond();
    return { id: loadTest.report().id };
  });
}

/** A form's fields are texts, of which plans have none where they have numbers: the problem says so. */
function toFields(body: unknown): unknown {
  return body instanceof URLSearchParams ? Object.fromEntries(body) : body;
}
