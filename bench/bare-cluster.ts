/** The bare servers of `npm run bench -- workers`: `PORT WORKERS`. With one worker, this process serves; with more, workers of node:cluster. */
import cluster from "node:cluster";
import { listenBare } from "./bare-server.ts";

const [port, workers] = process.argv.slice(2).map(Number);
if (cluster.isWorker || workers === 1) await listenBare(port ?? 0);
else for (let i = 0; i < (workers ?? 0); i++) cluster.fork();
