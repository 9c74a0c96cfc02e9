import type { Histogram } from "../generator/histogram.ts";
import type { Invalid } from "../contract/report.ts";

/** A generator that starts steps later than this slows itself down and measures itself. */
export const LATENESS_LIMIT_MS = 50;
/** Among fewer steps, the latest 1 % are too few to decide. Then the median decides. */
const LATENESS_COUNT = 500;
const MEDIAN_COUNT = 20;
const MEDIAN_LIMIT_MS = 250;
/** Above this utilisation for this long, requests and replies wait for the generator. */
export const UTILISATION_LIMIT = 0.95;
const UTILISATION_SECONDS = 5;
/**
 * A generator that works gets a core. With less of one, its process was ready and waited for other programs, or its script waited
 * synchronously.
 */
export const BUSY_CPU_SHARE = 0.7;

/**
 * Explains why a run is invalid whose generator was busy for too long; null if none was.
 *
 * @param cpuShares CPU seconds per second of the busy seconds in a row; null if unknown
 */
export function findBusy(
  cpuShares: readonly (number | null)[],
  elapsedSeconds: number,
): Invalid | null {
  if (cpuShares.length < UTILISATION_SECONDS) return null;
  const known = cpuShares.filter((share) => share !== null);
  if (known.length === 0) {
    return {
      cause: "incomplete",
      message:
        `A generator did not reply for ${UTILISATION_SECONDS} seconds in a row (until ${elapsedSeconds.toFixed(0)} s): its script blocks ` +
        "it, or the machine does not run it.",
    };
  }
  const mean = known.reduce((sum, share) => sum + share, 0) / known.length;
  const busy =
    `A generator was busy for more than ${UTILISATION_LIMIT * 100} % of ${UTILISATION_SECONDS} seconds in a row ` +
    `(until ${elapsedSeconds.toFixed(0)} s), so replies waited for it`;
  if (mean >= BUSY_CPU_SHARE) {
    return {
      cause: "generator_overloaded",
      message: `${busy}. Use more workers, fewer users or longer waits.`,
    };
  }
  return {
    cause: "machine_busy",
    message: `${busy}, but it got only ${(mean * 100).toFixed(0)} % of a CPU core. ${MACHINE_ADVICE}`,
  };
}

/**
 * Explains why a run is invalid whose steps began too late; null if they were punctual.
 *
 * @param lateness the lateness of all steps
 * @param intervals number of late intervals, by whether the generator's own work explains it
 */
export function findLate(
  lateness: Pick<Histogram, "count" | "quantile">,
  intervals: { readonly explained: number; readonly unexplained: number },
): Invalid | null {
  const { count } = lateness;
  const p99Ms = lateness.quantile(0.99) * 1_000;
  const p50Ms = lateness.quantile(0.5) * 1_000;
  const late =
    count >= LATENESS_COUNT && p99Ms > LATENESS_LIMIT_MS
      ? describeLateness("1 %", p99Ms, LATENESS_LIMIT_MS)
      : count >= MEDIAN_COUNT && p50Ms > MEDIAN_LIMIT_MS
        ? describeLateness("Half", p50Ms, MEDIAN_LIMIT_MS)
        : null;
  if (late === null) return null;
  if (intervals.explained > intervals.unexplained) {
    return {
      cause: "generator_overloaded",
      message: `${late}: the generator could not keep up. Use more workers, fewer users or longer waits.`,
    };
  }
  return {
    cause: "machine_busy",
    message: `${late}, although the generator had little work. ${MACHINE_ADVICE}`,
  };
}

const MACHINE_ADVICE =
  "The machine was busy with other programs, or the script waits synchronously. Stop the programs or use another machine; more workers do not help.";

function describeLateness(part: string, ms: number, limitMs: number): string {
  return `${part} of arrivals and steps were ${ms.toFixed(0)} ms late or more (limit: ${limitMs} ms)`;
}
