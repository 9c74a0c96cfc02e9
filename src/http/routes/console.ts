import { fileURLToPath } from "node:url";
import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import {
  PAGE_HEADERS,
  readPageFiles,
  toNotBuiltReply,
  toPageReply,
  type PageFile,
} from "../../kernel/page-files.ts";
import { createDashboardFiles } from "../dashboard-files.ts";
import type { AppParts } from "../http.ts";

/** The same from src/ and from dist/. */
const BUILT = fileURLToPath(new URL("../../../dist/console/", import.meta.url));

/** The pages of the web application: their path, their file, and the reply while they are not built. */
const PAGES = [
  {
    path: "console",
    file: "/console.html",
    notBuilt: toNotBuiltReply(
      "The console is not built",
      'The API works without it: <a href="../openapi.json">its description</a>.',
    ),
  },
  {
    path: "docs",
    file: "/docs.html",
    notBuilt: toNotBuiltReply(
      "The page is not built",
      'It shows <a href="../openapi.json">the OpenAPI document</a>.',
    ),
  },
] as const;

/**
 * Serves the web application at `/console/` and `/docs/`, and the dashboards that it draws. The files are public: they are the same on
 * every server, and without a key they show nothing. What the pages read requires a role, as the data does.
 */
export function addConsoleRoutes(
  app: FastifyInstance,
  { consoleFolder = BUILT, options }: Pick<AppParts, "consoleFolder" | "options">,
): void {
  const dashboardFiles = createDashboardFiles(options.dashboards);
  // Read at the first request, since many servers never get one for the console. Empty until the pages are built.
  let files: ReadonlyMap<string, PageFile> = new Map();
  // Documented in docs/console.md: for the page, not for programs.
  const schema = { hide: true, security: [] };

  app.get(
    "/console/dashboards",
    { config: { access: "metrics" }, schema },
    async (_request, reply) =>
      reply.header("cache-control", "no-cache").send(await dashboardFiles.list()),
  );

  app.get<{ Params: { name: string } }>(
    "/console/dashboards/:name",
    { config: { access: "metrics" }, schema },
    async ({ params: { name } }, reply) => {
      const json = await dashboardFiles.read(name).catch((error: Error) => {
        throw new TepalError(
          "INVALID_DASHBOARD",
          `The dashboard cannot be drawn. ${error.message}`,
        );
      });
      if (json === undefined) {
        throw new TepalError(
          "NOT_FOUND",
          "There is no such dashboard. GET /console/dashboards lists all.",
        );
      }
      return reply
        .type("application/json; charset=utf-8")
        .header("cache-control", "no-cache")
        .send(json);
    },
  );

  const isPublic = { config: { access: "public" as const }, schema };
  for (const page of PAGES) {
    // Without the slash, the page's relative URLs would lead to its parent.
    app.get(`/${page.path}`, isPublic, (_request, reply) => reply.redirect(`${page.path}/`));

    app.get<{ Params: { "*": string } }>(`/${page.path}/*`, isPublic, async ({ params }, reply) => {
      if (files.size === 0) files = await readPageFiles(consoleFolder);
      return sendFile(params["*"], page, reply);
    });
  }

  function sendFile(path: string, page: (typeof PAGES)[number], reply: FastifyReply): FastifyReply {
    const file = files.get(path === "" ? page.file : `/${path}`);
    if (file === undefined && path !== "") {
      throw new TepalError("NOT_FOUND", `Unknown path. The page is at /${page.path}.`);
    }
    const { status, headers, body } = file === undefined ? page.notBuilt : toPageReply(file);
    return reply
      .code(status)
      .headers({ ...PAGE_HEADERS, ...headers })
      .send(body);
  }
}
