import { systemClock, type Clock } from "../../kernel/clock.ts";

/** Tells how far a long work has come. */
export interface Progress {
  /** @param share of the work that is done, 0 to 1 */
  update(share: number): void;
  /** Leaves the terminal clean. */
  end(): void;
}

const WIDTH = 30;
/** A terminal is redrawn at most this often; a log gets a line at most that often. */
const REDRAW_SECONDS = 0.05;
const LINE_SECONDS = 2;

/** A bar that is redrawn in place on a terminal; otherwise a plain line every two seconds. */
export function createProgress(
  what: string,
  output: NodeJS.WriteStream = process.stderr,
  clock: Clock = systemClock,
): Progress {
  const interval = output.isTTY ? REDRAW_SECONDS : LINE_SECONDS;
  let shown = clock.monotonicSeconds();
  return {
    update(share) {
      const now = clock.monotonicSeconds();
      if (now - shown < interval) return;
      shown = now;
      const percent = `${Math.floor(share * 100)} %`;
      if (!output.isTTY) {
        output.write(`${what}: ${percent}\n`);
        return;
      }
      const done = Math.round(share * WIDTH);
      output.write(
        `\r${what} ${"█".repeat(done)}${"░".repeat(WIDTH - done)} ${percent.padStart(5)}`,
      );
    },
    end() {
      if (output.isTTY) output.write("\r\x1b[K");
    },
  };
}
