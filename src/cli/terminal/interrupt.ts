import { TepalError } from "../../kernel/errors.ts";

/** A subscription to Ctrl-C and SIGTERM. Disposing of it removes the handlers. */
export interface Interrupt extends Disposable {
  /** Aborts on the first signal, with a TepalError CANCELLED. */
  readonly signal: AbortSignal;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Handles Ctrl-C and SIGTERM: the first aborts `signal`, the second ends the process at once with exit code 130. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new TepalError("CANCELLED", "Cancelled"));
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, interrupt);
    },
  };
}
