import { pino, type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger } from "pino";

/** Creates a logger that writes to standard error: readable lines on a terminal, JSON lines otherwise. */
export function createLogger(level: string): Logger {
  const options = { level, base: null };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }));
  const stream = pretty({
    destination: 2,
    sync: true,
    singleLine: true,
    ignore: "model,version",
    translateTime: "HH:MM:ss",
  });
  return pino(options, stream);
}
