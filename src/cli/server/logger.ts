import { pino, type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger } from "pino";

/** A destination of log lines. */
interface LogDestination {
  write(line: string): void;
  on(event: "error", listener: (error: Error) => void): void;
}

/**
 * Creates a logger that writes to standard error: readable lines on a terminal, JSON lines otherwise. It drops lines when the reader of
 * standard error has ended: a server outlives its log.
 */
export function createLogger(level: string): Logger {
  const isTerminal = process.stderr.isTTY;
  const destination: LogDestination = isTerminal
    ? pretty({
        destination: 2,
        sync: true,
        singleLine: true,
        ignore: "model,version",
        translateTime: "HH:MM:ss",
      })
    : pino.destination({ dest: 2, sync: true });
  destination.on("error", () => {});
  const escape = isTerminal ? escapeForTerminal : escapeJson;
  return pino({ level, base: null }, { write: (line) => destination.write(escape(line)) });
}

/** Controls that JSON leaves as they are. */
const RAW_CONTROLS = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function toJsonEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Escapes the control characters of a JSON line, which has the same value afterwards. */
export function escapeJson(line: string): string {
  return line.replaceAll(RAW_CONTROLS, toJsonEscape);
}

/** Escapes of JSON for characters that a terminal obeys; an escaped backslash, to skip it. */
const ESCAPED_CONTROLS = /\\(?:\\|[bfr]|u(?:00[01789]|20[0-6])[0-9a-f])/gi;

/**
 * Escapes a JSON line twice, so that its strings show control characters as escapes. Line feeds and tabs stay: stack traces have them.
 */
export function escapeForTerminal(line: string): string {
  return escapeJson(line).replaceAll(ESCAPED_CONTROLS, (found) =>
    found === "\\\\" ? found : `\\${found}`,
  );
}
