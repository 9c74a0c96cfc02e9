import { pino, type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger } from "pino";

/** Logs to standard error: for people on a terminal, as JSON lines otherwise. */
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
