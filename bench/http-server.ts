/**
 * The server process of `npm run bench -- http` and `-- batch`: `bare` or `tepal MODELS [monitor]`. Sends its port to the parent,
 * and its CPU time and memory on each message.
 */
import { createServer as createHttpServer } from "node:http";
import { createServer } from "../src/server.ts";
import type { Usage } from "./http-load.ts";

/** A response of the same length as Tepal's. */
const REPLY = JSON.stringify({
  prediction: 0,
  label: "setosa",
  probabilities: { setosa: 1, versicolor: 0, virginica: 0 },
  warnings: [],
  out_of_distribution: { p_value: 1, is_outlier: false },
  model: { name: "iris", version: 1 },
  id: "a8b243406e564f0ebe67817c5265382a",
});

/** Starts a server that does the minimum: reads and parses the body, checks a field, writes a response. */
function listenBare(): Promise<number> {
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: { sepal_length: number } = JSON.parse(Buffer.concat(chunks).toString());
      response.writeHead(body.sepal_length > 0 ? 200 : 400, {
        "content-type": "application/json; charset=utf-8",
        "content-length": REPLY.length,
      });
      response.end(REPLY);
    });
  });
  // The same as Fastify's: connections are idle while the other server is measured.
  server.keepAliveTimeout = 72_000;
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
}

async function listenTepal(models: string, monitor: boolean): Promise<number> {
  const server = await createServer({ port: 0, models, monitor, persist: false });
  return Number(new URL(await server.listen()).port);
}

const [kind, models = "", monitor] = process.argv.slice(2);
const port =
  kind === "bare" ? await listenBare() : await listenTepal(models, monitor !== undefined);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    userSeconds: user / 1e6,
    systemSeconds: system / 1e6,
    residentBytes: process.memoryUsage.rss(),
  };
  process.send?.(usage);
});
process.on("disconnect", () => process.exit());
process.send?.({ port });
