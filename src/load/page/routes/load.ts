import type { FastifyInstance } from "fastify";
import { toMessage } from "../../../kernel/errors.ts";
import type { LoadDocument } from "../../contract/load-document.ts";
import { describeForm } from "../../contract/describe-form.ts";
import type { Events } from "../events.ts";
import type { RouteParts } from "../page.ts";

/** Adds the page's own API for the current run. */
export function addLoadRoutes(app: FastifyInstance, parts: RouteParts, events: Events): void {
  const { loadTest, version, logs, control } = parts;
  const form = describeForm();

  app.get("/api/load", (_request, reply) => {
    const document: LoadDocument = {
      version,
      script: loadTest.script,
      defaults: loadTest.defaults,
      ...form,
      report: loadTest.report(),
      logs: logs(),
    };
    return reply.header("cache-control", "no-store").send(document);
  });

  app.get("/api/load/events", { exposeHeadRoute: false }, (_request, reply) => {
    // Fastify gives up the reply here; the headers set so far go along.
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
    );
    reply.hijack();
    try {
      events.add(reply.raw, {
        ...headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        // A reverse proxy must not buffer events.
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

/** The fields of a form are strings; a number in a form is a problem that the check reports. */
function toFields(body: unknown): unknown {
  return body instanceof URLSearchParams ? Object.fromEntries(body) : body;
}
