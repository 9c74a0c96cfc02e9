import type { Clock } from "../../kernel/clock.ts";
import { toTraceback } from "../script/source-location.ts";
import { Histogram } from "./histogram.ts";
import type { EndpointCounts, ExceptionCounts, FailureCounts } from "./interval.ts";

/** Bounds the memory for scripts that put numbers into names. */
const MAX_ENDPOINTS = 500;
const MAX_KINDS = 100;
const MAX_EXCEPTIONS = 100;
const OTHERS = "(others)";

/** A finished request, as far as it is counted. */
export interface FinishedRequest {
  readonly method: string;
  readonly name: string;
  readonly status: number;
  /** Kind of the failure; null for a success. */
  readonly failure: string | null;
  readonly seconds: number;
  /** Seconds from when it was due; undefined in a closed model. */
  readonly responseSeconds: number | undefined;
  readonly receivedBytes: number;
}

/** Counts the requests and exceptions of users between two calls of `take`. */
export class Tally {
  readonly #clock: Clock;
  readonly #isOpen: boolean;
  readonly #methods = new Map<string, Map<string, Endpoint>>();
  readonly #endpoints: Endpoint[] = [];
  readonly #exceptions = new Map<string, { message: string; traceback: string; count: number }>();

  /** @param isOpen true if requests have due times */
  constructor(clock: Clock, isOpen: boolean) {
    this.#clock = clock;
    this.#isOpen = isOpen;
  }

  record(request: FinishedRequest): void {
    const endpoint = this.#find(request.method, request.name);
    const { status } = request;
    endpoint.statuses.set(status, (endpoint.statuses.get(status) ?? 0) + 1);
    endpoint.receivedBytes += request.receivedBytes;
    if (request.failure === null) {
      endpoint.serviceTime.record(request.seconds);
      endpoint.responseTime?.record(request.responseSeconds ?? request.seconds);
    } else {
      endpoint.failureTime.record(request.seconds);
      this.#recordFailure(endpoint, request.failure);
    }
  }

  /** Counts a request whose reply is no longer awaited. */
  abandon(method: string, name: string): void {
    this.#find(method, name).abandoned += 1;
  }

  /** Counts an exception of the script. */
  recordException(error: unknown): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const traceback = error instanceof Error ? toTraceback(error.stack ?? message) : message;
    const isFull = this.#exceptions.size >= MAX_EXCEPTIONS && !this.#exceptions.has(traceback);
    const key = isFull ? OTHERS : traceback;
    const known = this.#exceptions.get(key);
    if (known !== undefined) known.count += 1;
    else if (isFull) this.#exceptions.set(key, { message: OTHERS, traceback: "", count: 1 });
    else this.#exceptions.set(key, { message, traceback, count: 1 });
  }

  /** Returns the counts since the last call, and clears them. */
  take(): { endpoints: EndpointCounts[]; exceptions: ExceptionCounts[] } {
    const endpoints = this.#endpoints.filter(hasCounted).map((endpoint) => endpoint.take());
    const exceptions = [...this.#exceptions.values()];
    this.#exceptions.clear();
    return { endpoints, exceptions };
  }

  #find(method: string, name: string): Endpoint {
    let names = this.#methods.get(method);
    if (names === undefined) this.#methods.set(method, (names = new Map<string, Endpoint>()));
    const known = names.get(name);
    if (known !== undefined) return known;
    if (this.#endpoints.length >= MAX_ENDPOINTS && name !== OTHERS)
      return this.#find(method, OTHERS);
    const opened = new Endpoint(method, name, this.#isOpen);
    names.set(name, opened);
    this.#endpoints.push(opened);
    return opened;
  }

  #recordFailure({ failures }: Endpoint, given: string): void {
    const kind = failures.size >= MAX_KINDS && !failures.has(given) ? OTHERS : given;
    const nowMs = this.#clock.nowMs();
    const known = failures.get(kind);
    if (known === undefined) {
      failures.set(kind, { kind, count: 1, firstMs: nowMs, lastMs: nowMs });
    } else {
      known.count += 1;
      known.lastMs = nowMs;
    }
  }
}

class Endpoint {
  readonly method: string;
  readonly name: string;
  readonly serviceTime = new Histogram();
  readonly responseTime: Histogram | null;
  readonly failureTime = new Histogram();
  readonly statuses = new Map<number, number>();
  readonly failures = new Map<string, { -readonly [K in keyof FailureCounts]: FailureCounts[K] }>();
  receivedBytes = 0;
  abandoned = 0;

  constructor(method: string, name: string, isOpen: boolean) {
    this.method = method;
    this.name = name;
    this.responseTime = isOpen ? new Histogram() : null;
  }

  take(): EndpointCounts {
    const taken: EndpointCounts = {
      method: this.method,
      name: this.name,
      serviceTime: this.serviceTime.toCounts(),
      responseTime: this.responseTime?.toCounts() ?? null,
      failureTime: this.failureTime.toCounts(),
      receivedBytes: this.receivedBytes,
      abandoned: this.abandoned,
      statuses: [...this.statuses],
      failures: [...this.failures.values()],
    };
    this.serviceTime.clear();
    this.responseTime?.clear();
    this.failureTime.clear();
    this.statuses.clear();
    this.failures.clear();
    this.receivedBytes = 0;
    this.abandoned = 0;
    return taken;
  }
}

function hasCounted({ serviceTime, failureTime, abandoned }: Endpoint): boolean {
  return serviceTime.count > 0 || failureTime.count > 0 || abandoned > 0;
}
