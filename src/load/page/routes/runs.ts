import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../../kernel/errors.ts";
import { CSV_TABLES } from "../../reports/locust-csv.ts";
import { renderHtmlReport } from "../../reports/html/html-report.ts";
import type { RunReport } from "../../contract/report.ts";
import type { RouteParts } from "../page.ts";

/** Allows the styles and drawings inside the report, and nothing from elsewhere. */
export const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Adds the routes of finished runs and of the `current` one, in all formats. */
export function addRunRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { archive } = parts;

  app.get("/api/load/runs", async (_request, reply) =>
    reply.header("cache-control", "no-store").send({ runs: await archive.list() }),
  );
  app.get<{ Params: { id: string } }>("/api/load/runs/:id", async ({ params }, reply) =>
    reply.header("cache-control", "no-store").send(await findRun(parts, params.id)),
  );
  app.delete<{ Params: { id: string } }>("/api/load/runs/:id", async ({ params }, reply) => {
    if (!(await archive.remove(params.id))) throw createNotFound();
    return reply.code(204).send();
  });

  const files: Readonly<
    Record<string, readonly [type: string, render: (report: RunReport) => string]>
  > = {
    "report.html": ["text/html", (report) => renderHtmlReport(report, parts.version)],
    "report.json": ["application/json", (report) => `${JSON.stringify(report, null, 2)}\n`],
    "requests.csv": ["text/csv", CSV_TABLES.stats],
    "failures.csv": ["text/csv", CSV_TABLES.failures],
    "exceptions.csv": ["text/csv", CSV_TABLES.exceptions],
    "history.csv": ["text/csv", CSV_TABLES.stats_history],
  };
  for (const [name, [type, render]] of Object.entries(files)) {
    app.get<{ Params: { id: string }; Querystring: { download?: string } }>(
      `/api/load/runs/:id/${name}`,
      async ({ params, query }, reply) => {
        const report = await findRun(parts, params.id);
        // A browser shows the report, unless it has to download it.
        const isShown = type === "text/html" && query.download === undefined;
        return sendFile(reply, type, render(report), isShown ? null : toFileName(report, name));
      },
    );
  }
}

/** @param name file name of a download; null: the browser shows the file */
export function sendFile(
  reply: FastifyReply,
  type: string,
  content: string,
  name: string | null,
): FastifyReply {
  if (name !== null) void reply.header("content-disposition", `attachment; filename="${name}"`);
  return reply
    .headers({
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "no-store",
      "content-security-policy": REPORT_POLICY,
    })
    .send(content);
}

/** Returns a name of letters, digits, dots and hyphens, which needs no quoting. */
export function toFileName({ id }: RunReport, name: string): string {
  return `tepal-load-${id === "" ? "none" : id}-${name}`;
}

async function findRun({ loadTest, archive }: RouteParts, id: string): Promise<RunReport> {
  const current = loadTest.report();
  if (id === "current" || (id !== "" && id === current.id)) return current;
  const found = await archive.read(id);
  if (found === undefined) throw createNotFound();
  return found;
}

function createNotFound(): TepalError {
  return new TepalError("NOT_FOUND", "There is no such run. GET /api/load/runs lists all runs.");
}
