import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { readPageFiles, toNotBuiltReply, toPageReply } from "../../kernel/page-files.ts";
import type { PageParts } from "./page.ts";

const INDEX = "/index.html";

const NOT_BUILT = toNotBuiltReply(
  "The page is not built",
  `The API works without it: <a href="/api/load">/api/load</a>,
<a href="/stats/requests">/stats/requests</a>, <a href="/metrics">/metrics</a>.`,
);

/** Serves the built web application from memory. */
export async function addPageFiles(
  app: FastifyInstance,
  { pageFolder }: Pick<PageParts, "pageFolder">,
): Promise<void> {
  let files = await readPageFiles(pageFolder);

  function send(path: string, reply: FastifyReply): FastifyReply {
    const file = files.get(path);
    if (file === undefined && path !== INDEX) {
      throw new TepalError("NOT_FOUND", "Unknown path. The page is at /.");
    }
    const { status, headers, body } = file === undefined ? NOT_BUILT : toPageReply(file);
    return reply.code(status).headers(headers).send(body);
  }

  app.get("/", async (_request, reply) => {
    // The build may have finished since.
    if (files.size === 0) files = await readPageFiles(pageFolder);
    return send(INDEX, reply);
  });
  app.get<{ Params: { "*": string } }>("/*", ({ params }, reply) => send(`/${params["*"]}`, reply));
}
