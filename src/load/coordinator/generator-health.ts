import { Histogram } from "../generator/histogram.ts";
import type { Interval } from "../generator/interval.ts";
import type { GeneratorStatistics, Invalid, SeriesPoint } from "../contract/report.ts";
import { toMs } from "./statistics.ts";
import {
  BUSY_CPU_SHARE,
  findBusy,
  findLate,
  LATENESS_LIMIT_MS,
  UTILISATION_LIMIT,
} from "./overload.ts";

/** The state of the generators of a run: their users, lateness, utilisation and dropped arrivals. */
export class GeneratorHealth {
  /** The last interval of each generator, by number. */
  readonly #latest = new Map<number, Interval>();
  readonly #lateness = new Histogram();
  readonly #secondLateness = new Histogram();
  /** Late intervals of generators, by whether their own work explains it. */
  readonly #lateIntervals = { explained: 0, unexplained: 0 };
  #dropped = 0;
  #secondDropped = 0;
  /** The busiest generator of the second; undefined without a measurement. */
  #second: { readonly utilisation: number; readonly cpuShare: number | null } | undefined;
  readonly #utilisation = { sum: 0, count: 0, max: 0 };
  /** CPU shares of the last busy seconds in a row; null if unknown. */
  #busySeconds: (number | null)[] = [];
  #busy: Invalid | null = null;
  #cpuSeconds = 0;

  get users(): number {
    return this.#sum(({ users }) => users);
  }

  /** @param classes names of the classes of the script, in its order */
  countUsers(classes: readonly string[]): Record<string, number> {
    return Object.fromEntries(
      classes.map((name, i) => [name, this.#sum(({ usersByClass }) => usersByClass[i] ?? 0)]),
    );
  }

  add(interval: Interval, generator: number): void {
    this.#latest.set(generator, interval);
    this.#lateness.add(interval.lateness);
    this.#secondLateness.add(interval.lateness);
    this.#dropped += interval.dropped;
    this.#secondDropped += interval.dropped;
    const cpuShare = interval.cpuSeconds / interval.seconds;
    this.#addUtilisation(interval.utilisation, cpuShare);
    this.#cpuSeconds += interval.cpuSeconds;

    const own = new Histogram();
    own.add(interval.lateness);
    const lateMs = toMs(own, 0.99);
    if (lateMs === null || lateMs <= LATENESS_LIMIT_MS) return;
    // Work can delay a step by no more time than it takes.
    const isExplained = cpuShare >= BUSY_CPU_SHARE || interval.cpuSeconds * 1_000 >= lateMs;
    this.#lateIntervals[isExplained ? "explained" : "unexplained"] += 1;
  }

  /** Counts an unresponsive generator as fully busy. */
  addUnresponsive(): void {
    this.#addUtilisation(1, null);
  }

  #addUtilisation(utilisation: number, cpuShare: number | null): void {
    if (utilisation >= (this.#second?.utilisation ?? 0)) this.#second = { utilisation, cpuShare };
  }

  /** Removes a generator that has ended, with its users. */
  forget(generator: number): void {
    this.#latest.delete(generator);
  }

  /** Clears lateness and dropped arrivals. */
  reset(): void {
    this.#lateness.clear();
    this.#lateIntervals.explained = 0;
    this.#lateIntervals.unexplained = 0;
    this.#dropped = 0;
  }

  /**
   * Ends a second and returns its values.
   *
   * @param elapsedSeconds since the start of the run
   * @param isShort the second is too short to measure the utilisation
   */
  endSecond(
    elapsedSeconds: number,
    isShort: boolean,
  ): Pick<SeriesPoint, "dropped" | "lateness_p99_ms" | "utilisation"> {
    const measured = isShort ? undefined : this.#second;
    if (measured !== undefined) this.#endBusySecond(measured, elapsedSeconds);
    const second = {
      dropped: this.#secondDropped,
      lateness_p99_ms: toMs(this.#secondLateness, 0.99),
      utilisation: measured?.utilisation ?? null,
    };
    this.#secondLateness.clear();
    this.#secondDropped = 0;
    this.#second = undefined;
    return second;
  }

  #endBusySecond(
    { utilisation, cpuShare }: { readonly utilisation: number; readonly cpuShare: number | null },
    elapsedSeconds: number,
  ): void {
    const all = this.#utilisation;
    all.sum += utilisation;
    all.count += 1;
    all.max = Math.max(all.max, utilisation);
    if (utilisation > UTILISATION_LIMIT) this.#busySeconds.push(cpuShare);
    else this.#busySeconds = [];
    this.#busy ??= findBusy(this.#busySeconds, elapsedSeconds);
  }

  /** @param broken why the results are incomplete, or null */
  report(processes: number, broken: string | null): GeneratorStatistics {
    const { sum, count, max } = this.#utilisation;
    const lateness = this.#lateness;
    return {
      processes,
      lateness_p99_ms: toMs(lateness, 0.99),
      utilisation_max: count === 0 ? null : max,
      utilisation_mean: count === 0 ? null : sum / count,
      cpu_seconds: this.#cpuSeconds,
      memory_bytes: this.#latest.size === 0 ? null : this.#sum(({ memoryBytes }) => memoryBytes),
      dropped: this.#dropped,
      invalid:
        broken === null
          ? (this.#busy ?? findLate(lateness, this.#lateIntervals))
          : { cause: "incomplete", message: broken },
    };
  }

  #sum(of: (interval: Interval) => number): number {
    return [...this.#latest.values()].reduce((sum, interval) => sum + of(interval), 0);
  }
}
