/** Where this room says what happened; a pino logger is one. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
