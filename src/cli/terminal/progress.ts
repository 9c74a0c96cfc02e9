import { systemClock, type Clock } from "../../kernel/clock.ts";
import { escapeLine } from "../../kernel/printable.ts";

/** Progress of a long operation. */
export interface Progress {
  /** @param share fraction that is done, from 0 to 1 */
  update(share: number): void;
  /** Removes the bar from the terminal. */
  end(): void;
}

const WIDTH = 30;
/** Minimum intervals between updates: on a terminal, and elsewhere. */
const REDRAW_SECONDS = 0.05;
const LINE_SECONDS = 2;

/**
 * Creates a progress bar that is redrawn in place on a terminal. Elsewhere it prints a line every two seconds.
 * @param title name of the operation, for example "Training iris"
 */
export function createProgress(
  title: string,
  output: NodeJS.WriteStream = process.stderr,
  clock: Clock = systemClock,
): Progress {
  const shown = escapeLine(title);
  const interval = output.isTTY ? REDRAW_SECONDS : LINE_SECONDS;
  let shownAt = clock.monotonicSeconds();
  return {
    update(share) {
      const now = clock.monotonicSeconds();
      if (now - shownAt < interval) return;
      shownAt = now;
      const percent = `${Math.floor(share * 100)} %`;
      if (!output.isTTY) {
        output.write(`${shown}: ${percent}\n`);
        return;
      }
      const done = Math.round(share * WIDTH);
      output.write(
        `\r${shown} ${"█".repeat(done)}${"░".repeat(WIDTH - done)} ${percent.padStart(5)}`,
      );
    },
    end() {
      if (output.isTTY) output.write("\r\x1b[K");
    },
  };
}
