import { Histogram } from "../generator/histogram.ts";
import type { EndpointCounts, Interval } from "../generator/interval.ts";
import type {
  Distribution,
  EndpointStatistics,
  ExceptionStatistics,
  FailureStatistics,
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
  readonly #seconds: number[] = [];
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
    this.#seconds.push(seconds);
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
    const currentSeconds = this.#seconds.reduce((a, b) => a + b, 0);
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
  const ms = (share: number): number => histogram.quantile(share) * 1_000;
  return {
    count: histogram.count,
    mean_ms: histogram.count === 0 ? 0 : (histogram.sum / histogram.count) * 1_000,
    min_ms: histogram.min * 1_000,
    max_ms: histogram.max * 1_000,
    p50_ms: ms(0.5),
    p66_ms: ms(0.66),
    p75_ms: ms(0.75),
    p80_ms: ms(0.8),
    p90_ms: ms(0.9),
    p95_ms: ms(0.95),
    p98_ms: ms(0.98),
    p99_ms: ms(0.99),
    p999_ms: ms(0.999),
    p9999_ms: ms(0.9999),
  };
}

function toRate(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}
