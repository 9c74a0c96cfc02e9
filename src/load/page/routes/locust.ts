import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TepalError } from "../../../kernel/errors.ts";
import { CSV_TABLES } from "../../reports/locust-csv.ts";
import { renderHtmlReport } from "../../reports/html/html-report.ts";
import {
  toLocustExceptions,
  toLocustLogs,
  toLocustStats,
  toLocustTasks,
} from "../../reports/locust-json.ts";
import type { RouteParts } from "../page.ts";
import { parseRunTime } from "./run-time.ts";
import { sendFile, toFileName } from "./runs.ts";

/**
 * Locust's paths with Locust's shapes (2.47), so that what was written for it goes on working. Other than there: no reply may be read by
 * pages elsewhere, and a GET changes nothing unless a flag says so.
 */
export function addLocustRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { loadTest, control, allowGetStop, logs } = parts;
  const noStore = { "cache-control": "no-store" };

  app.post("/swarm", async ({ body }, reply) => {
    const fields = body instanceof URLSearchParams ? body : new URLSearchParams();
    const host =
      fields.get("host") ??
      (control.isRunning() ? loadTest.report().plan.host : parts.defaults.host);
    const answer = (success: boolean, message: string): FastifyReply =>
      reply.headers(noStore).send({ success, message, host });
    try {
      const load = toLoad(fields);
      if (control.isRunning()) await control.edit(load);
      else await control.start(toSwarmPlan(fields, load));
      return answer(true, "Swarming started");
    } catch (error) {
      // Locust tells with 200 and these words; scripts look at `success`.
      if (error instanceof TepalError && error.status < 500) return answer(false, error.message);
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
    app.post(path, change);
    app.get(path, (request, reply) => {
      if (allowGetStop) return change(request, reply);
      void reply.header("allow", "POST");
      const message =
        "This address takes POST; started with --allow-get-stop the page takes GET too";
      throw new TepalError("METHOD_NOT_ALLOWED", message);
    });
  }

  const answers: Readonly<Record<string, () => object>> = {
    "/stats/requests": () => toLocustStats(loadTest.report()),
    "/tasks": () => toLocustTasks(loadTest.script, loadTest.report()),
    "/exceptions": () => toLocustExceptions(loadTest.report()),
    "/logs": () => toLocustLogs(logs()),
    "/worker-count": () => ({ worker_count: loadTest.report().generator.processes }),
  };
  for (const [path, answer] of Object.entries(answers)) {
    app.get(path, (_request, reply) => reply.headers(noStore).send(answer()));
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

/** Whole users and users a second, as Locust's form has them. */
function toLoad(fields: URLSearchParams): { readonly users: number; readonly spawn_rate: number } {
  const users = toNumber(fields.get("user_count"));
  const rate = toNumber(fields.get("spawn_rate"));
  if (!Number.isInteger(users) || users < 0 || !(rate > 0)) {
    const message =
      "Missing or invalid user_count or spawn_rate: a whole number, and a number above 0";
    throw new TepalError("INVALID_PLAN", message);
  }
  return { users, spawn_rate: rate };
}

/** NaN for what is none: an empty text is not 0. */
function toNumber(text: string | null): number {
  return text === null || text.trim() === "" ? Number.NaN : Number(text);
}

function toSwarmPlan(
  fields: URLSearchParams,
  load: { readonly users: number; readonly spawn_rate: number },
): object {
  const host = fields.get("host") ?? "";
  const runTime = fields.get("run_time") ?? "";
  const classes = fields.getAll("user_classes");
  return {
    profile: { kind: "users", ...load },
    ...(host !== "" && { host }),
    ...(runTime !== "" && { run_time_seconds: parseRunTime(runTime) }),
    ...(classes.length > 0 && { user_classes: classes }),
  };
}
