import type { Clock } from "../../kernel/clock.ts";
import { createExecutionError, createTimeoutError } from "../errors.ts";

/** The remaining budget of a query. */
export interface Budget {
  /** Number of samples in memory now. Labels count as samples of 16 bytes. */
  held: number;
  /** Number of samples that the query may still hold. */
  readonly left: number;
  /** Maximum of `held`. */
  readonly peak: number;
  /** Counts of what selectors selected; selectors update them. */
  readonly selected: SelectedCounts;
  /** @throws TepalError QUERY_FAILED if the query holds too many samples */
  hold(samples: number): void;
  /**
   * Holds the labels of a new series. Call it before the strings are made.
   *
   * @param characters number of characters of all names and values
   * @throws TepalError QUERY_FAILED if the query holds too much, or if one series has too many characters
   */
  holdLabels(characters: number): void;
  /**
   * Counts samples that are about to be read, and checks the time limit now and then. @throws TepalError QUERY_TIMEOUT
   */
  spend(samples: number): void;
}

interface SelectedCounts {
  /** Samples at each step, also those that several steps share. */
  samples: number;
  /** Series of each selector. */
  series: number;
}

/** Samples between two checks of the time: some hundred microseconds of work. */
const SAMPLES_BETWEEN_LOOKS = 100_000;
/**
 * Maximum characters of the labels that an expression gives to one series: a query could double a label with every call.
 * A longer string also costs more than the engine can interrupt, for example in one match of a regular expression.
 */
export const MAX_LABEL_CHARACTERS = 16_384;
const BYTES_PER_SAMPLE = 16;
const BYTES_PER_CHARACTER = 2;

/** Returns the number of samples that labels count as. */
export function toLabelSamples(characters: number): number {
  return Math.ceil((characters * BYTES_PER_CHARACTER) / BYTES_PER_SAMPLE);
}

export function createBudget(
  { maxSamples, timeoutSeconds }: { readonly maxSamples: number; readonly timeoutSeconds: number },
  clock: Clock,
): Budget {
  const deadline = clock.monotonicSeconds() + timeoutSeconds;
  let left = 0;
  let peak = 0;
  return {
    held: 0,
    selected: { samples: 0, series: 0 },
    get peak() {
      return peak;
    },
    get left() {
      return Math.max(0, maxSamples - this.held);
    },
    hold(samples) {
      this.held += samples;
      peak = Math.max(peak, this.held);
      if (this.held > maxSamples) {
        throw createExecutionError(
          "query processing would load too many samples into memory in query execution",
        );
      }
    },
    holdLabels(characters) {
      if (characters > MAX_LABEL_CHARACTERS) {
        throw createExecutionError(
          `the labels of a series would have more than ${MAX_LABEL_CHARACTERS.toLocaleString("en")} characters`,
        );
      }
      this.hold(toLabelSamples(characters));
    },
    spend(samples) {
      left -= samples;
      if (left > 0) return;
      left = SAMPLES_BETWEEN_LOOKS;
      if (clock.monotonicSeconds() > deadline) throw createTimeoutError("expression evaluation");
    },
  };
}
