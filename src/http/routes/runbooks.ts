import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { PAGE_HEADERS } from "../../kernel/page-files.ts";

/** The same from src/ and from dist/. */
const RUNBOOKS = fileURLToPath(new URL("../../../docs/runbooks/", import.meta.url));

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}" +
  "code,pre{font:14px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}pre{overflow-x:auto}" +
  "td,th{text-align:left;padding:.2rem 1rem .2rem 0}";
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; frame-ancestors 'none'`;

/** Serves the runbooks of alerts as HTML: `runbook_url` links to them. They are public, because they contain nothing about a server. */
export function addRunbookRoutes(app: FastifyInstance): void {
  // Pages for readers, not for programs.
  const route = { config: { access: "public" }, schema: { hide: true, security: [] } } as const;

  app.get("/runbooks", route, (_request, reply) => reply.redirect("runbooks/"));

  app.get("/runbooks/", route, async (_request, reply) => {
    const items = (await listNames()).map((name) => `- [${name}](${name})`);
    return sendPage(reply, "Runbooks", `# Runbooks\n\n${items.join("\n")}`);
  });

  app.get<{ Params: { name: string } }>(
    "/runbooks/:name",
    route,
    async ({ params: { name } }, reply) => {
      if (!(await listNames()).includes(name)) {
        throw new TepalError("NOT_FOUND", "There is no such runbook. GET /runbooks/ lists all.");
      }
      return sendPage(reply, name, await readFile(join(RUNBOOKS, `${name}.md`), "utf8"));
    },
  );
}

async function listNames(): Promise<readonly string[]> {
  const files = await readdir(RUNBOOKS);
  return files
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length))
    .toSorted();
}

async function sendPage(
  reply: FastifyReply,
  title: string,
  markdown: string,
): Promise<FastifyReply> {
  // Loaded with the first page: a server that starts does not need it.
  const { renderMarkdown } = await import("../../kernel/render-markdown.ts");
  return reply
    .headers({ ...PAGE_HEADERS, "content-security-policy": POLICY, "cache-control": "no-cache" })
    .type("text/html; charset=utf-8")
    .send(
      `<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} - Tepal</title>\n<style>${STYLE}</style>\n${renderMarkdown(markdown, toUrl)}\n</html>\n`,
    );
}

/** Links between runbooks work; the other pages of docs/ are not served. */
function toUrl(target: string): string | undefined {
  return target.startsWith("../") ? undefined : target.replace(/\.md$/, "");
}
