/** The log of this module; a pino logger fits. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
