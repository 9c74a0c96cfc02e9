import type { Page, Problem } from "./page.ts";

/** True if a server has the path. The path has no placeholders in brackets. */
export type HasPath = (server: "api" | "load page", path: string) => Promise<boolean>;

/** Paths of files, of the web interfaces and APIs of others, and of Locust where a page states that Tepal has no such path. */
const NOT_OURS = new RegExp(
  [
    "app|data|dev|etc|home|keys|opt|proc|root|run|srv|sys|tmp|usr|var",
    "api/v1|api/v2|-/|targets|graph|query|rules|alerts|flags|config|service-discovery|classic",
    "d|explore|grafana|containers|api/(?:dashboards|search|datasources|health|ds|annotations|admin)",
    "login|user",
    // A JSON pointer.
    "instances",
  ]
    .map((names) => `^/(?:${names})(?![\\w-])`)
    .join("|"),
);

/** Below them are routes; they are none themselves. */
const PREFIXES = [
  "/admin/",
  "/alertmanager/api/v2/",
  "/api/load/",
  "/console/load/",
  "/health/",
  "/prometheus/api/v1/",
  "/stats/",
];

interface Endpoint {
  readonly server: "api" | "load page";
  readonly path: string;
}

/** Checks that the endpoints in inline code, commands and URLs exist. */
export async function checkEndpoints(page: Page, hasPath: HasPath): Promise<Problem[]> {
  const parts = [...page.spans, ...page.blocks.filter(({ language }) => language !== "ts")];
  const named = [
    ...parts.flatMap(({ text, line }) => listUrls(text).map((endpoint) => ({ endpoint, line }))),
    ...page.links.flatMap(({ text, line }) =>
      listUrls(text).map((endpoint) => ({ endpoint, line })),
    ),
    ...page.spans.flatMap(({ text, line }) =>
      listPaths(text).map((path) => ({ endpoint: { server: undefined, path }, line })),
    ),
    ...page.blocks
      .filter(({ language }) => language === "http")
      .flatMap(({ text, line }) =>
        listPaths(text.split("\n")[0] ?? "").map((path) => ({
          endpoint: { server: "api" as const, path },
          line,
        })),
      ),
  ];
  // Routes of applications, for example `server.app.get("/quotes/:id", …)`.
  const declared = page.blocks.flatMap(({ language, text }) =>
    language === "ts"
      ? Array.from(
          text.matchAll(/\.(?:get|post|put|delete)(?:<[^(]*>)?\(\s*"(\/[\w/:-]+)"/g),
          ([, path = ""]) => new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}/?$`),
        )
      : [],
  );
  const problems: Problem[] = [];
  for (const { endpoint, line } of named) {
    if (PREFIXES.some((prefix) => prefix.startsWith(`${endpoint.path.replace(/\/$/, "")}/`)))
      continue;
    const servers =
      endpoint.server === undefined ? (["api", "load page"] as const) : [endpoint.server];
    if (declared.some((pattern) => pattern.test(endpoint.path))) continue;
    const found = await Promise.all(servers.map((server) => hasPath(server, endpoint.path)));
    if (found.includes(true)) continue;
    problems.push({ path: page.path, line, message: `Endpoint ${endpoint.path} does not exist.` });
  }
  return problems;
}

/** Lists the endpoints in URLs of a local server at the ports of `npm start`. */
function listUrls(text: string): readonly Endpoint[] {
  return [
    ...text.matchAll(/https?:\/\/(?:127\.0\.0\.1|localhost|HOST):(8000|8089)(\/[^\s'"`?#)>,]*)?/g),
  ].flatMap(([, port, path = "/"]) =>
    toPaths(path).map((one) => ({ server: port === "8000" ? "api" : "load page", path: one })),
  );
}

/** Lists the paths in `GET /models/NAME[/versions/V]` or `/metrics`. */
function listPaths(text: string): readonly string[] {
  const [, path] =
    /^(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )(\/[^\s?#]*)/.exec(text) ??
    /^(\/[a-z][^\s?#]*)$/.exec(text) ??
    [];
  return path === undefined || NOT_OURS.test(path) ? [] : toPaths(path);
}

/** Expands optional parts in brackets, and replaces `*` and `…`, which stand for any end, by nothing. */
function toPaths(path: string): readonly string[] {
  const optional = /\[([^\]]*)\]/.exec(path);
  if (optional !== null) {
    const [all, part = ""] = optional;
    return [path.replace(all, ""), path.replace(all, part)].flatMap(toPaths);
  }
  const end = /[*…$]/.exec(path)?.index ?? path.length;
  return [path.slice(0, end).replaceAll(/[{}]|(?<=.)\/$/g, "")];
}
