/**
 * The server process of `npm run bench -- http` and `-- batch`: `bare`, `socket` or `tepal MODELS [monitor]`. Sends its port to the parent,
 * and its CPU time and memory on each message.
 */
import { createServer } from "../src/server.ts";
import { listenBare, listenSocket } from "./bare-server.ts";
import type { Usage } from "./http-load.ts";

async function listenTepal(models: string, monitor: boolean): Promise<number> {
  const server = await createServer({ port: 0, models, monitor, persist: false });
  return Number(new URL(await server.listen()).port);
}

const [kind, models = "", monitor] = process.argv.slice(2);
const port =
  kind === "bare"
    ? await listenBare(0)
    : kind === "socket"
      ? await listenSocket()
      : await listenTepal(models, monitor !== undefined);
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
