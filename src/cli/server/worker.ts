/** What each process of `--workers` runs. */
import { runWorker } from "../../process/workers/worker.ts";
import { createLogger } from "./logger.ts";

runWorker(({ number, config }) => createLogger(config.logLevel).child({ worker: number }));
