import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { PAGE_POLICY, readPageFiles } from "../../kernel/page-files.ts";
import type { PageParts } from "./page.ts";

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Tepal load test</title>
<h1>The page is not built</h1>
<p>Build it in Tepal's folder, then reload this URL:</p>
<pre>npm run build</pre>
<p>The API works without it: <a href="/api/load">/api/load</a>,
<a href="/stats/requests">/stats/requests</a>, <a href="/metrics">/metrics</a>.</p>
`;

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
    return reply
      .headers({
        "content-type": file.type,
        "cache-control": file.caching,
        "content-security-policy": PAGE_POLICY,
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
