import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { InputProblems } from "../../../kernel/check.ts";
import { fromSchema } from "../../../kernel/check/schema.ts";
import { integer, number } from "../../../kernel/check/values.ts";
import { TepalError } from "../../../kernel/errors.ts";
import { PLAN_FIELDS, type PlanChange, type RunPlan } from "../../contract/plan.ts";
import type { LoadTest } from "../../load.ts";
import { SPAWN_RATE, USERS } from "../../profiles/fields.ts";
import { usersProfile } from "../../profiles/users.ts";
import { renderHtmlReport } from "../../reports/html/html-report.ts";
import { CSV_TABLES } from "../../reports/locust-csv.ts";
import {
  toLocustExceptions,
  toLocustLogs,
  toLocustStats,
  toLocustTasks,
} from "../../reports/locust-json.ts";
import type { RouteParts } from "../page.ts";
import { sendFile, toFileName } from "./runs.ts";

/**
 * Adds Locust's paths with Locust's shapes (2.47), for scripts written for it. Unlike Locust, no reply may be read by pages of other
 * origins, and a GET changes nothing unless a flag allows it.
 */
export function addLocustRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { loadTest, control, allowGetStop, logs } = parts;
  const noStore = { "cache-control": "no-store" };

  app.post("/swarm", async ({ body }, reply) => {
    const form = body instanceof URLSearchParams ? body : new URLSearchParams();
    const host =
      form.get("host") ??
      (control.isRunning() ? loadTest.report().plan.host : loadTest.defaults.host);
    const send = (success: boolean, message: string, fields: object = {}): FastifyReply =>
      reply.headers(noStore).send({ success, message, host, ...fields });
    try {
      const isRunning = control.isRunning();
      const { change, plan } = readForm(form);
      if (isRunning) await control.edit(change);
      else await control.start(plan);
      const runTime = isRunning ? undefined : plan.run_time_seconds;
      return send(true, "Swarming started", {
        ...(runTime !== undefined && { run_time: runTime }),
        user_classes: listClasses(loadTest),
      });
    } catch (error) {
      // Locust replies 200 also for a failure; scripts look at `success`.
      if (error instanceof TepalError && error.status < 500) return send(false, error.message);
      throw error;
    }
  });

  const stop = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    await control.stop();
    return reply.headers(noStore).send({ success: true, message: "Test stopped" });
  };
  const reset = (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    loadTest.reset();
    return reply.headers(noStore).type("text/plain; charset=utf-8").send("ok");
  };
  for (const [path, change] of [
    ["/stop", stop],
    ["/stats/reset", reset],
  ] as const) {
    const otherMethodsAdvice = "Start the page with --allow-get-stop to allow GET.";
    app.post(path, allowGetStop ? {} : { config: { otherMethodsAdvice } }, change);
    if (allowGetStop) app.get(path, { config: { changesState: true } }, change);
  }

  const documents: Readonly<Record<string, () => object>> = {
    "/stats/requests": () => toLocustStats(loadTest.report()),
    "/tasks": () => toLocustTasks(loadTest.script, loadTest.report()),
    "/exceptions": () => toLocustExceptions(loadTest.report()),
    "/logs": () => toLocustLogs(logs()),
    "/worker-count": () => ({ worker_count: loadTest.report().generator.processes }),
  };
  for (const [path, toDocument] of Object.entries(documents)) {
    app.get(path, (_request, reply) => reply.headers(noStore).send(toDocument()));
  }

  const tables = {
    "/stats/requests/csv": ["stats", "requests.csv"],
    "/stats/failures/csv": ["failures", "failures.csv"],
    "/stats/requests_full_history/csv": ["stats_history", "requests_full_history.csv"],
    "/exceptions/csv": ["exceptions", "exceptions.csv"],
  } as const;
  for (const [path, [table, name]] of Object.entries(tables)) {
    app.get(path, (_request, reply) => {
      const report = loadTest.report();
      return sendFile(reply, "text/csv", CSV_TABLES[table](report), toFileName(report, name));
    });
  }
  app.get<{ Querystring: { download?: string } }>("/stats/report", ({ query }, reply) => {
    const report = loadTest.report();
    const name = query.download === undefined ? null : toFileName(report, "report.html");
    return sendFile(reply, "text/html", renderHtmlReport(report, parts.version), name);
  });
}

const USER_COUNT = integer({ min: 0, max: USERS.maximum });
const SPAWN = number({ above: 0, max: SPAWN_RATE.maximum });
const RUN_TIME = fromSchema(PLAN_FIELDS.run_time_seconds);

/** Returns the names of the classes of the current run. */
function listClasses({ script, report }: LoadTest): readonly string[] {
  const { user_classes: selected } = report().plan;
  const names = selected.length > 0 ? selected : script.user_classes.map(({ name }) => name);
  return names.toSorted();
}

/**
 * Reads Locust's form.
 *
 * @returns the change of a current run, and the plan of a new one
 * @throws TepalError INVALID_PLAN with all problems
 */
function readForm(form: URLSearchParams): {
  readonly change: PlanChange;
  readonly plan: Partial<Pick<RunPlan, "profile" | "host" | "run_time_seconds" | "user_classes">>;
} {
  const problems = new InputProblems();
  const read = <T>(parser: Parameters<typeof problems.read<T>>[0], at: string): T | undefined =>
    problems.read(parser, form.get(at) ?? undefined, { at, coerce: true });
  const users = read(USER_COUNT, "user_count") ?? 0;
  const spawnRate = read(SPAWN, "spawn_rate") ?? 0;
  const isEndless = ["", "0"].includes(form.get("run_time") ?? "");
  const runTime = isEndless ? undefined : read(RUN_TIME, "run_time");
  problems.throwIfAny("INVALID_PLAN", "field");
  const host = form.get("host") ?? "";
  const classes = form.getAll("user_classes");
  const change = { users, spawn_rate: spawnRate };
  return {
    change,
    plan: {
      profile: { kind: usersProfile.kind, ...change },
      ...(host !== "" && { host }),
      ...(runTime !== undefined && { run_time_seconds: runTime }),
      ...(classes.length > 0 && { user_classes: classes }),
    },
  };
}
