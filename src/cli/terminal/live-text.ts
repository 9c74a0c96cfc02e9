import { systemClock, type Clock } from "../../kernel/clock.ts";

/** Shows how a long work goes. */
export interface LiveText {
  /** @param text what a terminal shows in place of the last one @param line what is told elsewhere */
  show(text: () => string, line: () => string): void;
  /** Prints something that stays. */
  print(line: string): void;
  /** Leaves the terminal clean. */
  end(): void;
}

/** A log gets a line at most that often. */
const LINE_SECONDS = 5;

/** A text that is redrawn in place on a terminal; otherwise a plain line every five seconds. */
export function createLiveText(
  output: NodeJS.WriteStream = process.stderr,
  clock: Clock = systemClock,
): LiveText {
  let drawn = 0;
  let shown = clock.monotonicSeconds();

  function clear(): void {
    if (drawn > 0) output.write(`\x1b[${drawn}A\r\x1b[J`);
    drawn = 0;
  }
  return {
    show(text, line) {
      if (output.isTTY) {
        clear();
        const width = output.columns;
        // A line that the terminal breaks would make two, and what is cleared would be too little.
        const lines = text()
          .split("\n")
          .slice(0, output.rows - 1);
        output.write(`${lines.map((one) => one.slice(0, width - 1)).join("\n")}\n`);
        drawn = lines.length;
      } else if (clock.monotonicSeconds() - shown >= LINE_SECONDS) {
        shown = clock.monotonicSeconds();
        output.write(`${line()}\n`);
      }
    },
    print(line) {
      clear();
      output.write(`${line}\n`);
    },
    end: clear,
  };
}
