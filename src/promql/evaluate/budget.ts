import type { Clock } from "../../kernel/clock.ts";
import { createExecutionError, createTimeoutError } from "../errors.ts";

/** The remaining budget of a query. */
export interface Budget {
  /** Number of samples in memory now. */
  held: number;
  /** @throws TepalError QUERY_FAILED if the query holds too many samples */
  hold(samples: number): void;
  /**
   * Counts samples that are about to be read, and checks the time limit now and then. @throws TepalError QUERY_TIMEOUT
   */
  spend(samples: number): void;
}

/** Samples between two checks of the time: some hundred microseconds of work. */
const SAMPLES_BETWEEN_LOOKS = 100_000;

export function createBudget(
  { maxSamples, timeoutSeconds }: { readonly maxSamples: number; readonly timeoutSeconds: number },
  clock: Clock,
): Budget {
  const deadline = clock.monotonicSeconds() + timeoutSeconds;
  let left = 0;
  return {
    held: 0,
    hold(samples) {
      this.held += samples;
      if (this.held > maxSamples) {
        throw createExecutionError(
          "query processing would load too many samples into memory in query execution",
        );
      }
    },
    spend(samples) {
      left -= samples;
      if (left > 0) return;
      left = SAMPLES_BETWEEN_LOOKS;
      if (clock.monotonicSeconds() > deadline) throw createTimeoutError("expression evaluation");
    },
  };
}
