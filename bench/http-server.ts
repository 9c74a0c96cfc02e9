/**
 * One side of `npm run bench -- http`, in a process of its own: `bare` or `tepal MODELS`. Sends its port to the parent, and
 * its CPU time when asked.
 */
import { createServer as createHttpServer } from "node:http";
import { createServer } from "../src/server.ts";

/** A reply as long as Tepal's to the same request. */
const REPLY = JSON.stringify({
  prediction: 0,
  label: "setosa",
  probabilities: { setosa: 1, versicolor: 0, virginica: 0 },
  warnings: [],
  out_of_distribution: { p_value: 1, is_outlier: false },
  model: { name: "iris", version: 1 },
  id: "a8b24340-6e56-4f0e-be67-817c5265382a",
});

/** What every server must do: read the body, parse it, look at a field, write a reply. */
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
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
}

async function listenTepal(models: string): Promise<number> {
  const server = await createServer({ port: 0, models });
  return Number(new URL(await server.listen()).port);
}

const [kind, models = ""] = process.argv.slice(2);
const port = kind === "bare" ? await listenBare() : await listenTepal(models);
process.on("message", () => process.send?.(process.cpuUsage()));
process.on("disconnect", () => process.exit());
process.send?.({ port });
