/** The program of each worker process of `--workers`. */
import { runWorker } from "../../process/workers/worker.ts";
import { extend } from "./extension.ts";
import { createLogger } from "./logger.ts";

runWorker(({ number, config }) => createLogger(config.logLevel).child({ worker: number }), extend);
