import { Histogram } from "../generator/histogram.ts";
import type { Interval } from "../generator/interval.ts";
import type { GeneratorStatistics, SeriesPoint } from "../contract/report.ts";
import { findOverload } from "./verdict.ts";

/** The state of the generators of a run: their users, lateness, utilisation and dropped arrivals. */
export class GeneratorHealth {
  /** The last interval of each generator, by number. */
  readonly #latest = new Map<number, Interval>();
  readonly #lateness = new Histogram();
  readonly #secondLateness = new Histogram();
  #dropped = 0;
  #secondDropped = 0;
  #secondBusy = 0;
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
    this.#secondBusy = Math.max(this.#secondBusy, interval.utilisation);
    this.#cpuSeconds += interval.cpuSeconds;
  }

  /** Counts an unresponsive generator as fully busy. */
  addUnresponsive(): void {
    this.#secondBusy = 1;
  }

  /** Removes a generator that has ended, with its users. */
  forget(generator: number): void {
    this.#latest.delete(generator);
  }

  /** Clears lateness and dropped arrivals. */
  reset(): void {
    this.#lateness.clear();
    this.#dropped = 0;
  }

  /** Ends a second and returns its values. */
  endSecond(): Pick<SeriesPoint, "dropped" | "lateness_p99_ms" | "utilisation"> {
    const second = {
      dropped: this.#secondDropped,
      lateness_p99_ms: this.#secondLateness.quantile(0.99) * 1_000,
      utilisation: this.#secondBusy,
    };
    this.#secondLateness.clear();
    this.#secondDropped = 0;
    this.#secondBusy = 0;
    return second;
  }

  /**
   * @param series the seconds of the run so far
   * @param broken why the results are incomplete, or null
   */
  report(
    processes: number,
    series: readonly SeriesPoint[],
    broken: string | null,
  ): GeneratorStatistics {
    const lateness = {
      count: this.#lateness.count,
      p50Ms: this.#lateness.quantile(0.5) * 1_000,
      p99Ms: this.#lateness.quantile(0.99) * 1_000,
    };
    const utilisation = series.map((point) => point.utilisation);
    return {
      processes,
      lateness_p99_ms: lateness.p99Ms,
      utilisation_max: utilisation.reduce((a, b) => Math.max(a, b), 0),
      utilisation_mean: utilisation.reduce((a, b) => a + b, 0) / Math.max(1, utilisation.length),
      cpu_seconds: this.#cpuSeconds,
      memory_bytes: this.#sum(({ memoryBytes }) => memoryBytes),
      dropped: this.#dropped,
      overloaded: broken ?? findOverload(lateness, series),
    };
  }

  #sum(of: (interval: Interval) => number): number {
    return [...this.#latest.values()].reduce((sum, interval) => sum + of(interval), 0);
  }
}
