import { readFile, readdir } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { PageParts } from "./page.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

/** Allows files of this server only, and no script or style inside the document. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Tepal load test</title>
<h1>The page is not built</h1>
<p>Build it in Tepal's folder, then reload this URL:</p>
<pre>npm run build</pre>
<p>The API works without it: <a href="/api/load">/api/load</a>,
<a href="/stats/requests">/stats/requests</a>, <a href="/metrics">/metrics</a>.</p>
`;

/** Files by URL path. */
type PageFiles = ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;

/** Serves the built web application from memory. */
export async function addPageFiles(
  app: FastifyInstance,
  { pageFolder }: Pick<PageParts, "pageFolder">,
): Promise<void> {
  let files = await readPageFiles(pageFolder);

  function send(path: string, reply: FastifyReply): FastifyReply {
    const file = files.get(path);
    if (file === undefined) {
      throw new TepalError("NOT_FOUND", "Unknown path. The page is at /.");
    }
    // The names below assets/ contain a hash of the file.
    const isHashed = path.startsWith("/assets/");
    return reply
      .headers({
        "content-type": file.type,
        "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
        "content-security-policy": POLICY,
      })
      .send(file.body);
  }

  app.get("/", async (_request, reply) => {
    // The build may have finished since.
    if (files.size === 0) files = await readPageFiles(pageFolder);
    if (files.has("/index.html")) return send("/index.html", reply);
    return reply
      .code(503)
      .headers({
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'",
      })
      .send(NOT_BUILT);
  });
  app.get<{ Params: { "*": string } }>("/*", ({ params }, reply) => send(`/${params["*"]}`, reply));
}

async function readPageFiles(folder: string): Promise<PageFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, { readonly type: string; readonly body: Buffer }>();
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const urlPath = `/${relative(folder, path).split(sep).join("/")}`;
    files.set(urlPath, { type, body: await readFile(path) });
  }
  return files;
}
