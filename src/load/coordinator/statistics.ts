import { Histogram } from "../generator/histogram.ts";
import type { EndpointCounts, Interval } from "../generator/interval.ts";
import {
  PERCENTILES,
  type CurrentStatistics,
  type Distribution,
  type EndpointStatistics,
  type ExceptionStatistics,
  type FailureStatistics,
  type SecondTotals,
} from "../contract/report.ts";

/** Number of seconds that the current rates average. */
const CURRENT_SECONDS = 10;
const TOTAL = "Aggregated";

/** The counts since the start of a run, or since its reset. */
export class Statistics {
  readonly total: EndpointSums;
  readonly #isOpen: boolean;
  readonly #endpoints = new Map<string, EndpointSums>();
  readonly #failures = new Map<string, Writable<FailureStatistics>>();
  readonly #exceptions = new Map<
    string,
    Writable<ExceptionStatistics> & { generators: string[] }
  >();
  /** The last ten seconds, for the current values. */
  readonly #seconds: { readonly seconds: number; readonly sums: SecondSums }[] = [];
  /** Counts of the current second. */
  #second = new SecondSums();

  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
    this.total = new EndpointSums("", TOTAL, isOpen);
  }

  /** @param generator number of the generator that counted it */
  add(interval: Pick<Interval, "endpoints" | "exceptions">, generator: number): void {
    for (const counts of interval.endpoints) {
      this.#findEndpoint(counts).add(counts);
      this.total.add(counts);
      this.#second.add(counts);
      for (const failure of counts.failures) {
        const key = JSON.stringify([counts.method, counts.name, failure.kind]);
        const known = this.#failures.get(key);
        if (known === undefined) {
          this.#failures.set(key, {
            method: counts.method,
            name: counts.name,
            kind: failure.kind,
            count: failure.count,
            first_seen_ms: failure.firstMs,
            last_seen_ms: failure.lastMs,
          });
        } else {
          known.count += failure.count;
          known.first_seen_ms = Math.min(known.first_seen_ms, failure.firstMs);
          known.last_seen_ms = Math.max(known.last_seen_ms, failure.lastMs);
        }
      }
    }
    for (const { message, traceback, count } of interval.exceptions) {
      const name = `generator ${generator}`;
      const key = `${message}\n${traceback}`;
      const known = this.#exceptions.get(key);
      if (known === undefined) {
        this.#exceptions.set(key, { message, traceback, count, generators: [name] });
      } else {
        known.count += count;
        if (!known.generators.includes(name)) known.generators.push(name);
      }
    }
  }

  /** Ends a second and returns its counts. @param seconds its duration */
  endSecond(seconds: number): SecondSums {
    const ended = this.#second;
    this.#second = new SecondSums();
    this.#seconds.push({ seconds, sums: ended });
    if (this.#seconds.length > CURRENT_SECONDS) this.#seconds.shift();
    for (const sums of [this.total, ...this.#endpoints.values()]) sums.endSecond();
    return ended;
  }

  /** @param seconds since the start of the run, or since its reset */
  toEndpoints(seconds: number): EndpointStatistics[] {
    return Array.from(this.#endpoints.values(), (sums) => this.#toStatistics(sums, seconds));
  }

  toTotal(seconds: number): EndpointStatistics {
    return this.#toStatistics(this.total, seconds);
  }

  /** The last ten whole seconds. */
  toCurrent(): CurrentStatistics {
    const time = new Histogram();
    let requests = 0;
    let failures = 0;
    for (const { sums } of this.#seconds) {
      time.add(sums.time.toCounts());
      requests += sums.requests;
      failures += sums.failures;
    }
    return {
      seconds: this.#currentSeconds,
      requests,
      failures,
      p50_ms: toMs(time, 0.5),
      p95_ms: toMs(time, 0.95),
      p99_ms: toMs(time, 0.99),
    };
  }

  /** Everything so far, for a point of the series. */
  toSecondTotals(): SecondTotals {
    const { requests, failures, receivedBytes, time } = this.total;
    const { count, sum, min } = time;
    const orNone = (seconds: number): number | null =>
      count === 0 ? null : toMicroseconds(seconds * 1_000);
    return {
      requests,
      failures,
      received_bytes: receivedBytes,
      mean_ms: orNone(sum / count),
      min_ms: orNone(min),
      percentiles_ms: PERCENTILES.flatMap(({ share }) => orNone(time.quantile(share)) ?? []),
    };
  }

  get #currentSeconds(): number {
    return this.#seconds.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  get failures(): readonly FailureStatistics[] {
    return Array.from(this.#failures.values(), (failure) => ({ ...failure }));
  }

  get exceptions(): readonly ExceptionStatistics[] {
    return Array.from(this.#exceptions.values(), (exception) => ({
      ...exception,
      generators: [...exception.generators],
    }));
  }

  /** Returns the sums of all endpoints with this name, or with this path without its slash; undefined if there is none. */
  find(name: string): EndpointSums | undefined {
    const found = [...this.#endpoints.values()].filter(
      (sums) => sums.name === name || sums.name === `/${name}`,
    );
    if (found.length <= 1) return found[0];
    const together = new EndpointSums("", name, this.#isOpen);
    for (const sums of found) together.addSums(sums);
    return together;
  }

  #findEndpoint({ method, name }: EndpointCounts): EndpointSums {
    const key = `${method} ${name}`;
    const known = this.#endpoints.get(key);
    if (known !== undefined) return known;
    const opened = new EndpointSums(method, name, this.#isOpen);
    this.#endpoints.set(key, opened);
    return opened;
  }

  #toStatistics(sums: EndpointSums, seconds: number): EndpointStatistics {
    const currentSeconds = this.#currentSeconds;
    const { requests, failures } = sums;
    return {
      method: sums.method,
      name: sums.name,
      requests,
      failures,
      requests_per_second: toRate(requests, seconds),
      failures_per_second: toRate(failures, seconds),
      current_requests_per_second: toRate(sums.recentRequests, currentSeconds),
      current_failures_per_second: toRate(sums.recentFailures, currentSeconds),
      service_time: toDistribution(sums.serviceTime),
      response_time: sums.responseTime === null ? null : toDistribution(sums.responseTime),
      failure_time: toDistribution(sums.failureTime),
      received_bytes: sums.receivedBytes,
      abandoned: sums.abandoned,
    };
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Sums of one endpoint. */
export class EndpointSums {
  readonly method: string;
  readonly name: string;
  readonly serviceTime = new Histogram();
  readonly responseTime: Histogram | null;
  readonly failureTime = new Histogram();
  receivedBytes = 0;
  abandoned = 0;
  readonly #recent: { requests: number; failures: number }[] = [{ requests: 0, failures: 0 }];

  constructor(method: string, name: string, isOpen: boolean) {
    this.method = method;
    this.name = name;
    this.responseTime = isOpen ? new Histogram() : null;
  }

  get failures(): number {
    return this.failureTime.count;
  }

  get requests(): number {
    return this.serviceTime.count + this.failureTime.count;
  }

  /** Response time in an open model, else service time. */
  get time(): Histogram {
    return this.responseTime ?? this.serviceTime;
  }

  get recentRequests(): number {
    return this.#recent.slice(0, -1).reduce((sum, { requests }) => sum + requests, 0);
  }

  get recentFailures(): number {
    return this.#recent.slice(0, -1).reduce((sum, { failures }) => sum + failures, 0);
  }

  add(counts: EndpointCounts): void {
    this.serviceTime.add(counts.serviceTime);
    if (counts.responseTime !== null) this.responseTime?.add(counts.responseTime);
    this.failureTime.add(counts.failureTime);
    this.receivedBytes += counts.receivedBytes;
    this.abandoned += counts.abandoned;
    const now = this.#recent.at(-1)!;
    now.requests += counts.serviceTime.count + counts.failureTime.count;
    now.failures += counts.failureTime.count;
  }

  addSums(other: EndpointSums): void {
    this.serviceTime.add(other.serviceTime.toCounts());
    if (other.responseTime !== null) this.responseTime?.add(other.responseTime.toCounts());
    this.failureTime.add(other.failureTime.toCounts());
  }

  endSecond(): void {
    this.#recent.push({ requests: 0, failures: 0 });
    if (this.#recent.length > CURRENT_SECONDS + 1) this.#recent.shift();
  }
}

/** Sums of all endpoints in one second. */
export class SecondSums {
  readonly time = new Histogram();
  requests = 0;
  failures = 0;

  add(counts: EndpointCounts): void {
    this.time.add(counts.responseTime ?? counts.serviceTime);
    this.requests += counts.serviceTime.count + counts.failureTime.count;
    this.failures += counts.failureTime.count;
  }
}

export function toDistribution(histogram: Histogram): Distribution {
  const { count, sum, min } = histogram;
  const orNone = (seconds: number): number | null => (count === 0 ? null : seconds * 1_000);
  const percentiles = PERCENTILES.map(({ field, share }) => [field, toMs(histogram, share)]);
  return {
    count,
    mean_ms: orNone(sum / count),
    min_ms: orNone(min),
    ...(Object.fromEntries(percentiles) as Record<(typeof PERCENTILES)[number]["field"], number>),
  };
}

/** Returns a quantile in milliseconds; null if nothing is recorded. */
export function toMs(histogram: Histogram, share: number): number | null {
  return histogram.count === 0 ? null : histogram.quantile(share) * 1_000;
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function toRate(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}
