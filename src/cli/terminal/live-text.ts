import { systemClock, type Clock } from "../../kernel/clock.ts";
import { escapeControls, escapeLine } from "../../kernel/printable.ts";

/** Output about a running operation. */
export interface LiveText {
  /**
   * Shows the current state.
   * @param block returns the lines that replace the previous ones on a terminal
   * @param line returns the line that is appended if the output is not a terminal
   */
  show(block: () => string, line: () => string): void;
  /** Prints a permanent line. */
  print(line: string): void;
  /** Removes the block from the terminal. */
  end(): void;
}

/** Minimum interval between lines if the output is not a terminal. */
const LINE_SECONDS = 5;

/** Creates a block of lines that is redrawn in place on a terminal. Elsewhere it prints a line every five seconds. */
export function createLiveText(
  output: NodeJS.WriteStream = process.stderr,
  clock: Clock = systemClock,
): LiveText {
  let drawnLines = 0;
  let shownAt = clock.monotonicSeconds();

  function clear(): void {
    if (drawnLines > 0) output.write(`\x1b[${drawnLines}A\r\x1b[J`);
    drawnLines = 0;
  }
  return {
    show(block, line) {
      if (output.isTTY) {
        clear();
        const width = output.columns;
        // A line that the terminal wraps takes two rows, so that `clear` would leave one behind.
        const lines = block()
          .split("\n")
          .slice(0, output.rows - 1);
        output.write(`${lines.map((one) => escapeLine(one).slice(0, width - 1)).join("\n")}\n`);
        drawnLines = lines.length;
      } else if (clock.monotonicSeconds() - shownAt >= LINE_SECONDS) {
        shownAt = clock.monotonicSeconds();
        output.write(`${escapeControls(line())}\n`);
      }
    },
    print(line) {
      clear();
      output.write(`${escapeControls(line)}\n`);
    },
    end: clear,
  };
}
