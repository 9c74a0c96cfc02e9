import type { FastifyInstance } from "fastify";
import { TepalError, toMessage } from "../../../kernel/errors.ts";
import type { LoadTest } from "../../load.ts";
import type { PlanChange, RunPlan } from "../../plan.ts";
import type { Events } from "../events.ts";
import type { RouteParts } from "../page.ts";
import { toChange, toPlan } from "../to-plan.ts";

/** What the page shows and does. */
export function addLoadRoutes(app: FastifyInstance, parts: RouteParts, events: Events): void {
  const { loadTest, defaults, version, logs } = parts;

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
    await startRun(loadTest, toPlan(toFields(body), defaults));
    return reply.code(202).send({ id: loadTest.report().id });
  });

  app.post("/api/load/edit", async ({ body }) => {
    await editRun(loadTest, toChange(toFields(body)));
    return { id: loadTest.report().id };
  });

  app.post("/api/load/stop", async () => {
    const { id } = await loadTest.stop();
    return { id };
  });

  app.post("/api/load/reset", () => {
    loadTest.reset();
    events.sendSecond();
    return { id: loadTest.report().id };
  });
}

/** @throws TepalError CONFLICT while a run goes on, INVALID_PLAN with all that is wrong */
export async function startRun(loadTest: LoadTest, plan: RunPlan): Promise<void> {
  if (isRunning(loadTest)) {
    throw new TepalError("CONFLICT", "A run goes on: stop it first, or change its load");
  }
  await loadTest.start(plan).catch(refusePlan);
}

/** @throws TepalError CONFLICT when no run goes on, INVALID_PLAN for a change that its profile does not take */
export async function editRun(loadTest: LoadTest, change: PlanChange): Promise<void> {
  if (!isRunning(loadTest))
    throw new TepalError("CONFLICT", "No run goes on whose load could change");
  await loadTest.edit(change).catch(refusePlan);
}

export function isRunning(loadTest: LoadTest): boolean {
  const { state } = loadTest.report();
  return state === "spawning" || state === "running" || state === "stopping";
}

/** Over HTTP an option that cannot be used is a request that cannot be met. */
function refusePlan(error: unknown): never {
  if (!(error instanceof TepalError) || error.code !== "INVALID_OPTION") throw error;
  const { message, problems } = error;
  throw new TepalError("INVALID_PLAN", message, { cause: error, problems });
}

/** A form's fields are texts, which no plan is made of: it gets the problem that says so. */
function toFields(body: unknown): unknown {
  return body instanceof URLSearchParams ? Object.fromEntries(body) : body;
}
